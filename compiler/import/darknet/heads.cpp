// The layers that decode boxes. They hand on the map as it comes in, before any sigmoid: decoding it is what the "boxes" of
// docs/pictures.md do, for few boxes instead of all.
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

}  // namespace

bool is_head(std::string_view section) { return section == "region" || section == "yolo" || section == "detection"; }

void region(Layer &layer)
{
  if (layer.has("tree")) layer.refuse("with a tree");
  check_channels(layer, layer.integer("num", 1, 1, most_anchors), layer.integer("coords", 4, 1, 64) + 1 + layer.integer("classes", 20, 1, most_classes));
  layer.result(layer.in());
}

void yolo(Layer &layer)
{
  const auto masks = static_cast<int64_t>(layer.reals("mask").size());
  check_channels(layer, masks ? masks : layer.integer("num", 1, 1, most_anchors), 5 + layer.integer("classes", 20, 1, most_classes));
  layer.result(layer.in());
}

void detection(Layer &layer)
{
  layer.refuse_option("softmax");
  layer.result(layer.in());
}

}  // namespace net2c::darknet
