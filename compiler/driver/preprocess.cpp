#include "driver/preprocess.h"

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"

namespace net2c {

const char *const preprocess_help = R"(--preprocess FILE is JSON; every key may be left out:
  {"resize_short": 256,              short side after the resize (Pillow's antialiased bilinear)
   "crop": [224, 224],               height, width of the centre crop: the input's size
   "order": "RGB",                   or "BGR"
   "scale": 0.00392156862745098,     first  x * scale  (x is 0..255),
   "mean": [0.485, 0.456, 0.406],    then   - mean,
   "std": [0.229, 0.224, 0.225]}     then   / std, one number or one a channel in the given order
Without it a picture must have the input's size and is given as RGB floats 0..255. Caffe networks: BGR, and scale, mean and
crop as their transform_param and mean image say (the average of each channel); keys given here win.)";

namespace {

[[noreturn]] void not_understood(const std::string &path, const nlohmann::json::exception &e)
{
  fail({.file = path}, "cannot be understood ({}); see net2c compile --help", e.what());
}

nlohmann::json read_json(const std::string &path)
{
  const Bytes bytes = read_file(path);
  const char *text = reinterpret_cast<const char *>(bytes.data());
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text, text + bytes.size());
  } catch (const nlohmann::json::exception &e) {
    not_understood(path, e);
  }
  if (!json.is_object()) fail({.file = path}, "is not a JSON object; see net2c compile --help");
  for (const auto &[key, value] : json.items())
    if (!std::set<std::string>{"resize_short", "crop", "order", "scale", "mean", "std"}.count(key))
      fail({.file = path}, "'{}' is not a key of --preprocess; see net2c compile --help", key);
  return json;
}

}  // namespace

std::optional<std::pair<int64_t, int64_t>> crop_of(const std::string &path)
{
  const nlohmann::json json = read_json(path);
  if (!json.contains("crop")) return std::nullopt;
  try {
    const std::array<int64_t, 2> crop = json["crop"];
    if (crop[0] < 1 || crop[1] < 1) fail({.file = path}, "'crop' is {}x{}", crop[0], crop[1]);
    return std::pair{crop[0], crop[1]};
  } catch (const nlohmann::json::exception &e) {
    not_understood(path, e);
  }
}

bool fits_picture(const Shape &shape)
{
  return shape.size() == 4 && shape[0] == 1 && (shape[1] == 1 || shape[1] == 3 || shape[3] == 1 || shape[3] == 3);
}

net2c_picture_spec read_preprocess(const std::string &path, const std::string &input, const Shape &shape, const PictureDefaults &defaults)
{
  net2c_picture_spec spec{};
  const bool chw = shape.size() == 4 && (shape[1] == 1 || shape[1] == 3), hwc = !chw && shape.size() == 4 && (shape[3] == 1 || shape[3] == 3);
  if (!fits_picture(shape))
    fail({}, "input '{}' has shape {}; a picture fits 1x3xHxW, 1x1xHxW or 1xHxWx3 only: give it as .npy", input, text_of(shape));
  const size_t at = chw ? 2 : 1;
  spec.height = static_cast<uint32_t>(shape[at]), spec.width = static_cast<uint32_t>(shape[at + 1]);
  spec.channels = static_cast<uint32_t>(shape[chw ? 1 : 3]);
  spec.interleaved = hwc;
  // (x - mean) * scale is x - mean / (1 / scale).
  double scale = 1;
  std::array<double, 3> mean{0, 0, 0}, deviation{1, 1, 1};
  spec.bgr = defaults.bgr;
  if (defaults.scale == 0) fail({}, "the model's scale for pictures is 0");
  deviation.fill(1 / defaults.scale);
  for (size_t c = 0; c < 3 && !defaults.mean.empty(); ++c) mean[c] = defaults.mean[defaults.mean.size() == 1 ? 0 : std::min(c, defaults.mean.size() - 1)];
  bool has_mean = defaults.missing.empty();
  if (!path.empty()) {
    const nlohmann::json json = read_json(path);
    try {
      auto numbers = [&](const char *key, std::array<double, 3> &to) {
        if (!json.contains(key)) return;
        const auto &v = json[key];
        if (v.is_number()) to = {v, v, v};
        else if (v.is_array() && v.size() == spec.channels)
          for (size_t i = 0; i < v.size(); ++i) to[i] = v[i];
        else fail({.file = path}, "'{}' must be a number or a list of numbers, one a channel: {}", key, spec.channels);
      };
      numbers("mean", mean);
      has_mean |= json.contains("mean");
      numbers("std", deviation);
      scale = json.value("scale", 1.0);
      spec.resize_short = json.value("resize_short", 0u);
      const std::string order = json.value("order", spec.bgr ? "BGR" : "RGB");
      if (order != "RGB" && order != "BGR") fail({.file = path}, "'order' is RGB or BGR, not {}", order);
      spec.bgr = order == "BGR";
      if (json.contains("crop")) {
        const std::array<uint32_t, 2> crop = json["crop"];
        if (crop[0] != spec.height || crop[1] != spec.width)
          fail({.file = path}, "'crop' is {}x{}, but input '{}' is {}x{}", crop[0], crop[1], input, spec.height, spec.width);
      }
    } catch (const nlohmann::json::exception &e) {
      not_understood(path, e);
    }
    if (spec.resize_short > 1u << 14 || (spec.resize_short && (spec.resize_short < std::min(spec.height, spec.width))))
      fail({.file = path}, "'resize_short' is {}; the crop of {}x{} does not fit in it", spec.resize_short, spec.height, spec.width);
  }
  if (!has_mean)
    fail({}, "the model subtracts a mean image from pictures, {}: give that file too, or a mean by --preprocess", defaults.missing);
  for (size_t c = 0; c < 3; ++c) {
    if (deviation[c] == 0) fail({.file = path}, "'std' is 0");
    spec.scale[c] = static_cast<float>(scale / deviation[c]);
    spec.shift[c] = static_cast<float>(-mean[c] / deviation[c]);
  }
  return spec;
}

}  // namespace net2c
