#include "driver/preprocess.h"

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "graph/npy.h"

namespace net2c {

const char *const preprocess_help = R"(--preprocess FILE is JSON; docs/pictures.md explains all its keys; every one may be left out:
  {"resize": "short",                or "stretch", "letterbox", "none"
   "resize_short": 256,              short side after the resize
   "library": "pillow",              whose resize: "opencv", "tensorflow", ... too
   "filter": "bilinear",             or "nearest", "bicubic", "area"
   "crop": [224, 224],               height, width of the centre crop: the input's size
   "order": "RGB",                   or "BGR"
   "scale": 0.00392156862745098,     first  x * scale  (x is 0..255),
   "mean": [0.485, 0.456, 0.406],    then   - mean,
   "std": [0.229, 0.224, 0.225],     then   / std, one number or one a channel in the given order
   "output": {"kind": "classes"}}    what the output is: "boxes", "map" too
Without it a picture must have the input's size and is given as RGB floats 0..255. Caffe networks: BGR, and scale, mean, size and
crop as their transform_param and mean image say. Darknet networks: 0 to 1, letter-boxed for boxes, else short side and crop, and
the boxes of their .cfg. Keys given here win.)";

namespace {

// The size after the resize.
void read_resize(const JsonObject &json, const PictureDefaults &defaults, net2c_picture_spec &spec)
{
  constexpr size_t largest = 1 << 14;
  size_t fit = NET2C_FIT_NONE;
  std::pair<int64_t, int64_t> to{spec.height, spec.width};
  if (defaults.resize) fit = NET2C_FIT_STRETCH, to = *defaults.resize;
  if (json.has("resize_short")) fit = NET2C_FIT_SHORT;
  if (json.has("resize_to")) fit = NET2C_FIT_STRETCH;
  fit = json.choice("resize", fit, {"none", "short", "stretch", "letterbox"});
  if (json.has("resize_short") && fit != NET2C_FIT_SHORT) json.wrong("resize_short", "only with \"resize\": \"short\"");
  if (json.has("resize_to") && fit != NET2C_FIT_STRETCH) json.wrong("resize_to", "only with \"resize\": \"stretch\"");
  const bool letterbox = fit == NET2C_FIT_LETTERBOX;
  for (const char *key : {"place", "fill"})
    if (json.has(key) && !letterbox) json.wrong(key, "only with \"resize\": \"letterbox\"");
  if (fit == NET2C_FIT_SHORT) {
    const int64_t least = std::min(spec.height, spec.width);
    to.first = to.second = json.integer("resize_short", least, 1, largest);
    if (to.first < least) json.wrong("resize_short", fmt::format("{} and more, for the crop of {}x{}", least, spec.height, spec.width));
  } else if (fit == NET2C_FIT_STRETCH && json.has("resize_to")) {
    to = json.size("resize_to");
    if (to.first < spec.height || to.second < spec.width)
      json.wrong("resize_to", fmt::format("[{}, {}] and more, for the crop of {}x{}", spec.height, spec.width, spec.height, spec.width));
  } else if (fit == NET2C_FIT_NONE || letterbox) {
    to = {0, 0};
  }
  spec.fit = static_cast<uint32_t>(fit);
  spec.to_height = static_cast<uint32_t>(to.first), spec.to_width = static_cast<uint32_t>(to.second);
  spec.nearest = json.choice("round", letterbox, {"down", "nearest"}) == 1;
  spec.corner = json.choice("place", 0, {"middle", "top_left"}) == 1;
  spec.central = json.number("central", 1, 0.01, 1);
  spec.library = static_cast<uint32_t>(json.choice("library", defaults.opencv ? NET2C_OPENCV : NET2C_PILLOW,
                                                   {"pillow", "pillow12", "opencv", "tensorflow", "tensorflow1", "tensorflow1_align_corners",
                                                    "tensorflow_antialias"}));
  spec.filter = static_cast<uint32_t>(json.choice("filter", NET2C_BILINEAR, {"nearest", "bilinear", "bicubic", "area"}));
  if (spec.library == NET2C_TENSORFLOW_ANTIALIAS && (spec.filter == NET2C_NEAREST || spec.filter == NET2C_AREA))
    json.wrong("library", "for this filter \"tensorflow\": TensorFlow knows no other");
}

Tensor read_mean_image(const JsonObject &json, const net2c_picture_spec &spec)
{
  std::string path = json.text("mean_image", "");
  const size_t slash = json.file().find_last_of('/');
  if (!path.empty() && path[0] != '/' && slash != std::string::npos) path = json.file().substr(0, slash + 1) + path;
  Tensor t = read_npy(path, read_file(path));
  if (t.type != Type::f32 || t.shape.size() != 3 || t.shape[0] != spec.channels)
    fail({.file = path}, "holds {} {}; a mean image is f32 {}xHxW, in the input's order of channels", name_of(t.type), text_of(t.shape), spec.channels);
  return t;
}

// Of the mean image; its averages where it is smaller than the input, so that no part of it can be taken.
void read_mean(const JsonObject &json, const PictureDefaults &defaults, Preprocess &p, std::vector<double> &mean)
{
  net2c_picture_spec &spec = p.spec;
  if (json.has("mean") && json.has("mean_image")) json.wrong("mean_image", "either \"mean\" or \"mean_image\"");
  if (json.has("mean")) {
    mean = json.numbers("mean", spec.channels, 0);
    return;
  }
  const bool own = json.has("mean_image");
  if (!own && !defaults.missing.empty())
    fail({}, "the model subtracts a mean image from pictures, {}: give that file too, or a mean by --preprocess", defaults.missing);
  if (!own && !defaults.mean_image) {
    for (size_t c = 0; c < mean.size() && !defaults.mean.empty(); ++c) mean[c] = defaults.mean[std::min(c, defaults.mean.size() - 1)];
    return;
  }
  const Tensor image = own ? read_mean_image(json, spec) : *defaults.mean_image;
  const int64_t h = image.shape[1], w = image.shape[2];
  if (image.shape[0] != spec.channels) fail({}, "the model's mean image is {}, its input has {} channels", text_of(image.shape), spec.channels);
  const auto numbers = image.as<float>();
  const bool stretched = spec.fit == NET2C_FIT_STRETCH && spec.to_height == h && spec.to_width == w;
  if (stretched && h >= spec.height && w >= spec.width) {
    spec.mean_height = spec.to_height, spec.mean_width = spec.to_width;
    p.mean.assign(numbers.begin(), numbers.end());
    return;
  }
  if (own)
    json.wrong("mean_image", fmt::format("an image of the size after \"resize\": \"stretch\"; this is {}x{}: add \"resize_to\": [{}, {}]", h, w, h, w));
  for (size_t c = 0; c < mean.size(); ++c) {
    const auto plane = numbers.subspan(c * static_cast<size_t>(h * w), static_cast<size_t>(h * w));
    double sum = 0;
    for (float x : plane) sum += static_cast<double>(x);
    mean[c] = sum / static_cast<double>(plane.size());
  }
}

}  // namespace

JsonObject preprocess_keys(const std::string &path, const PictureDefaults &defaults)
{
  nlohmann::json all = defaults.keys.empty() ? nlohmann::json::object() : nlohmann::json::parse(defaults.keys);
  if (!path.empty()) {
    const nlohmann::json own = read_json(path);
    JsonObject(path, "", own).only({"resize", "resize_short", "resize_to", "round", "place", "fill", "central", "library", "filter", "crop",
                                    "order", "scale", "mean", "mean_image", "std", "output"});
    for (const char *resize : {"resize", "resize_short", "resize_to"})   // another one has no use for the rest of the model's
      if (own.contains(resize))
        for (const char *key : {"resize", "round", "place", "fill"}) all.erase(key);
    all.update(own);
  }
  return JsonObject(path, "", std::move(all));
}

std::optional<std::pair<int64_t, int64_t>> crop_of(const std::string &path)
{
  const JsonObject json = preprocess_keys(path, {});
  return json.has("crop") ? std::optional(json.size("crop")) : std::nullopt;
}

bool fits_picture(Type type, const Shape &shape)
{
  return (type == Type::f32 || type == Type::u8) && shape.size() == 4 && shape[0] == 1 && count(shape) > 0 &&
         (shape[1] == 1 || shape[1] == 3 || shape[3] == 1 || shape[3] == 3);
}

Shape of_one_image(Shape shape)
{
  if (!shape.empty()) shape[0] = 1;
  return shape;
}

bool resizes(const net2c_picture_spec &spec) { return spec.fit != NET2C_FIT_NONE; }

Preprocess read_preprocess(const std::string &path, const std::string &input, Type type, const Shape &shape, const PictureDefaults &defaults)
{
  Preprocess p;
  net2c_picture_spec &spec = p.spec;
  if (!fits_picture(type, shape))
    fail({}, "input '{}' is {} {}; a picture fits f32 or u8 of 1x3xHxW, 1x1xHxW, 1xHxWx3 or 1xHxWx1 only: give it as .npy", input, name_of(type),
         text_of(shape));
  const bool chw = shape[1] == 1 || shape[1] == 3;
  const size_t at = chw ? 2 : 1;
  spec.height = static_cast<uint32_t>(shape[at]), spec.width = static_cast<uint32_t>(shape[at + 1]);
  spec.channels = static_cast<uint32_t>(shape[chw ? 1 : 3]);
  spec.interleaved = !chw;
  spec.bytes = type == Type::u8;
  const JsonObject json = preprocess_keys(path, defaults);
  PictureDefaults model = defaults;
  // A mean image asks for pictures of its size, unless something else is said.
  const bool said = model.resize || json.has("resize") || json.has("resize_short") || json.has("resize_to") || json.has("mean") || json.has("mean_image");
  if (model.mean_image && !said) model.resize = std::pair{model.mean_image->shape[1], model.mean_image->shape[2]};
  if (model.resize && (model.resize->first < spec.height || model.resize->second < spec.width)) model.resize.reset();
  read_resize(json, model, spec);
  spec.bgr = json.choice("order", defaults.bgr, {"RGB", "BGR"}) == 1;
  if (json.has("crop"))
    if (const auto crop = json.size("crop"); crop != std::pair<int64_t, int64_t>{spec.height, spec.width})
      json.wrong("crop", fmt::format("[{}, {}], the size of input '{}'", spec.height, spec.width, input));

  if (defaults.scale == 0) fail({}, "the model's scale for pictures is 0");
  std::vector<double> mean(spec.channels);
  read_mean(json, model, p, mean);
  // (x - mean) * scale is (x - mean) / (1 / scale).
  const double scale = json.number("scale", 1);
  const std::vector<double> deviation = json.numbers("std", spec.channels, json.has("scale") ? 1 : 1 / defaults.scale), fill = json.numbers("fill", spec.channels, 0);
  for (size_t c = 0; c < spec.channels; ++c) {
    if (json.has("std") && std::abs(deviation[c]) < 1e-15) json.wrong("std", "numbers other than 0");
    spec.scale[c] = static_cast<float>(scale / deviation[c]);
    spec.shift[c] = static_cast<float>(-mean[c] / deviation[c]);
    spec.fill[c] = static_cast<float>(fill[c]);
  }
  return p;
}

}  // namespace net2c
