#include "cli/results.h"

#include <algorithm>

#include "base/file.h"
#include "graph/npy.h"
#include "runtime/results/best.h"

namespace net2c::cli {

namespace {

std::string label_of(const Model &model, size_t i) { return i < model.labels.size() ? model.labels[i] : fmt::format("class {}", i); }

// A grey picture, and how much of it each class has.
void print_map(const Tensor &scores, const Model &model, const std::string &folder)
{
  const net2c_map_spec &s = *model.results.map;
  std::vector<uint8_t> scratch(size_t{s.height} * s.width), map(size_t{model.picture_width} * model.picture_height);
  net2c_map_make(&s, scores.as<float>().data(), &model.place, model.input_height, model.input_width, model.picture_height, model.picture_width,
                 scratch.data(), map.data());
  std::vector<size_t> count(256);
  for (uint8_t c : map) ++count[c];
  for (size_t c = 0; c < 255; ++c)
    if (count[c]) fmt::print("  {:5.1f} %  {}\n", 100.0 * static_cast<double>(count[c]) / static_cast<double>(map.size()), label_of(model, c));
  if (folder.empty()) return;
  const std::string head = fmt::format("P5\n{} {}\n255\n", model.picture_width, model.picture_height), path = folder + "/picture_classes.pgm";
  Bytes file;
  for (char c : head) file.push_back(static_cast<std::byte>(c));
  for (uint8_t c : map) file.push_back(static_cast<std::byte>(c));
  write_file(path, file);
  fmt::print("classes of the pixels -> {}\n", path);
}

void print_boxes(const std::vector<Tensor> &outputs, const Model &model, const std::string &folder)
{
  const net2c_boxes_spec &s = *model.results.boxes;
  std::vector<const void *> data;
  for (const Tensor &t : outputs) data.push_back(t.bytes.data());
  std::vector<net2c_candidate> scratch(s.candidates);
  std::vector<net2c_box> boxes(s.most);
  boxes.resize(net2c_boxes_find(&s, model.results.heads.data(), data.data(), &model.place, model.picture_width, model.picture_height, scratch.data(),
                                boxes.data()));
  fmt::print("{} boxes: score, left, top, right, bottom, class\n", boxes.size());
  std::vector<float> rows;
  for (const net2c_box &b : boxes) {
    fmt::print("  {:<6.3f}  {:7.1f} {:7.1f} {:7.1f} {:7.1f}  {}\n", b.score, b.left, b.top, b.right, b.bottom, label_of(model, b.label));
    rows.insert(rows.end(), {b.left, b.top, b.right, b.bottom, b.score, static_cast<float>(b.label)});
  }
  if (folder.empty()) return;
  const std::string path = folder + "/picture_boxes.npy";
  write_file(path, npy_bytes(tensor_f32({static_cast<int64_t>(boxes.size()), 6}, rows)));
  fmt::print("left, top, right, bottom, score, class -> {}\n", path);
}

}  // namespace

void print_best(const Tensor &t, const Model &model, int top)
{
  const std::vector<double> x = t.numbers();
  const std::vector<float> scores(x.begin(), x.end());
  const uint32_t k = top ? static_cast<uint32_t>(top) : model.results.best ? model.results.best->count : 5;
  std::vector<unsigned> best(k);
  best.resize(net2c_best(scores.data(), static_cast<unsigned>(scores.size()), k, best.data()));
  for (size_t i = 0; i < best.size(); ++i) fmt::print("{:>3}  {:<8.4f}  {}\n", i + 1, x[best[i]], label_of(model, best[i]));
}

void print_results(const std::vector<Tensor> &outputs, const Model &model, const std::string &folder)
{
  if (model.results.map) print_map(outputs[model.results.map->output], model, folder);
  if (model.results.boxes) print_boxes(outputs, model, folder);
}

}  // namespace net2c::cli
