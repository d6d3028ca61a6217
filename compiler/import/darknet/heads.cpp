// The layers that decode boxes. They hand on the map as it comes in, before any sigmoid: decoding it is what the "boxes" of
// docs/pictures.md do, for few boxes instead of all.
#include <algorithm>
#include <numeric>

#include "import/darknet/sections.h"

namespace net2c::darknet {

namespace {

constexpr int64_t most_classes = 1 << 20, most_anchors = 1 << 12;

void check_channels(const Layer &layer, int64_t anchors, int64_t numbers)
{
  if (layer.channels() != anchors * numbers)
    fail({}, "its {} anchors of {} numbers need {} channels, but its input is {}: set the filters of the layer before it", anchors, numbers,
         anchors * numbers, text_of(layer.shape(layer.in())));
}

std::vector<int64_t> up_to(int64_t n)
{
  std::vector<int64_t> all(static_cast<size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// Those of this layer; none where the section has none.
std::vector<std::pair<double, double>> anchors_of(const Layer &layer, const std::vector<int64_t> &mask)
{
  const std::vector<double> all = layer.reals("anchors");
  std::vector<std::pair<double, double>> anchors;
  for (const int64_t m : mask) {
    const auto at = 2 * static_cast<size_t>(m);
    if (!all.empty() && at + 1 >= all.size()) fail({}, "'anchors' has {} numbers, too few for anchor {}", all.size(), m);
    if (!all.empty()) anchors.emplace_back(all[at], all[at + 1]);
  }
  return anchors;
}

bool can_be_said(const Head &head)
{
  const auto fits = [](double x) { return x > 0 && x < 1e6; };
  return !head.anchors.empty() && head.anchors.size() <= 16 && fits(head.scale_x_y) &&
         std::all_of(head.anchors.begin(), head.anchors.end(), [&](const auto &a) { return fits(a.first) && fits(a.second); });
}

}  // namespace

bool is_head(std::string_view section) { return section == "region" || section == "yolo" || section == "detection"; }

void region(Layer &layer)
{
  if (layer.has("tree")) layer.refuse("with a tree");
  const int64_t num = layer.integer("num", 1, 1, most_anchors), coords = layer.integer("coords", 4, 1, 64);
  check_channels(layer, num, coords + 1 + layer.integer("classes", 20, 1, most_classes));
  const Head head{"yolov2", layer.flag("softmax") ? "softmax" : "none", anchors_of(layer, up_to(num)), 1};
  if (coords == 4 && !layer.flag("background") && can_be_said(head)) layer.head = head;
  layer.result(layer.in());
}

void yolo(Layer &layer)
{
  const int64_t num = layer.integer("num", 1, 1, most_anchors);
  std::vector<int64_t> mask;
  for (const double m : layer.reals("mask")) {
    if (!(m >= 0 && m < static_cast<double>(num))) fail({}, "'mask' names anchor {} of num={}", m, num);
    mask.push_back(static_cast<int64_t>(m));
  }
  if (mask.empty()) mask = up_to(num);
  check_channels(layer, static_cast<int64_t>(mask.size()), 5 + layer.integer("classes", 20, 1, most_classes));
  const Head head{"yolov3", "sigmoid", anchors_of(layer, mask), layer.real("scale_x_y", 1)};
  if (!layer.flag("new_coords") && can_be_said(head)) layer.head = head;
  layer.result(layer.in());
}

void detection(Layer &layer)
{
  layer.refuse_option("softmax");
  layer.result(layer.in());
}

}  // namespace net2c::darknet
