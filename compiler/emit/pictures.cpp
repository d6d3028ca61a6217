// Pictures in and results out: the parameters of --preprocess as C tables, with the sources that use them.
#include <algorithm>

#include "emit/sources.h"
#include "emit/tables.h"
#include "emit/text.h"

namespace net2c {

namespace {

std::string floats(std::span<const float> all)
{
  std::string text;
  for (float x : all) text += (text.empty() ? "{" : ", ") + c_float(x);
  return text + "}";
}

std::string spec_of(const net2c_picture_spec &s)
{
  return fmt::format(
      "  {{.height = {}, .width = {}, .channels = {}, .bgr = {}, .interleaved = {}, .bytes = {},\n"
      "  .fit = {}, .library = {}, .filter = {}, .to_height = {}, .to_width = {}, .nearest = {}, .corner = {}, .central = {:a},\n"
      "  .fill = {}, .scale = {}, .shift = {}, .mean_height = {}, .mean_width = {}}},\n",
      s.height, s.width, s.channels, s.bgr, s.interleaved, s.bytes, s.fit, s.library, s.filter, s.to_height, s.to_width, s.nearest, s.corner,
      s.central, floats(s.fill), floats(s.scale), floats(s.shift), s.mean_height, s.mean_width);
}

std::string spec_of(const net2c_map_spec &s)
{
  return fmt::format("  {{.output = {}, .classes = {}, .height = {}, .width = {}, "
                     ".class_step = {}, .row_step = {}, .column_step = {}, .threshold = {}}},\n",
                     s.output, s.classes, s.height, s.width, s.class_step, s.row_step, s.column_step, c_float(s.threshold));
}

std::string rows_of(const net2c_rows &r) { return fmt::format("{{{}, {}, {}, {}, {}}}", r.output, r.first, r.step, r.next, r.anchor); }

std::string heads_of(const std::vector<net2c_head> &heads, size_t size)
{
  std::string text = fmt::format("static const struct net2c_head net2c_heads{}[] = {{\n", size);
  for (const net2c_head &h : heads) {
    std::string anchors;
    for (uint32_t a = 0; a < h.anchors; ++a) anchors += (a ? ", " : "") + floats(h.anchor[a]);
    text += fmt::format("  {{.count = {}, .anchors = {}, .classes = {}, .box = {}, .object = {}, .score = {}, .has_object = {},\n"
                        "   .decode = {}, .object_as = {}, .score_as = {}, .grid_width = {}, .unit_x = {}, .unit_y = {}, .stretch = {}, .anchor = {{{}}}}},\n",
                        h.count, h.anchors, h.classes, rows_of(h.box), rows_of(h.object), rows_of(h.score), h.has_object, h.decode, h.object_as,
                        h.score_as, h.grid_width, c_float(h.unit_x), c_float(h.unit_y), c_float(h.stretch), anchors);
  }
  return text + "};\n";
}

std::string spec_of(const net2c_boxes_spec &s)
{
  return fmt::format("  {{.heads = {}, .background = {}u, .every_class = {}, "
                     ".across_classes = {}, .candidates = {}, .most = {},\n  .threshold = {}, .overlap = {}, .object_power = {}, .score_power = {}}},\n",
                     s.heads, s.background, s.every_class, s.across_classes, s.candidates, s.most, c_float(s.threshold), c_float(s.overlap),
                     c_float(s.object_power), c_float(s.score_power));
}

std::string include(const char *path) { return fmt::format("#include \"{}\"\n", path); }

// A row a size.
std::string table(const std::string &type_and_name, const std::vector<std::string> &rows)
{
  return fmt::format("static const {}[NET2C_SIZES] = {{\n{}}};\n", type_and_name, fmt::join(rows, ""));
}

}  // namespace

std::string picture_api(const EmitOptions &options)
{
  if (options.pictures.empty()) return "";
  std::string text = embedded_source("runtime/bundle/picture_api.h");
  if (options.pictures[0].map) {
    uint64_t bytes = 0;
    for (const PictureOptions &p : options.pictures) bytes = std::max(bytes, uint64_t{p.map->height} * p.map->width);
    text += fmt::format("#define NET2C_MAP_BYTES ((size_t){}u)\n", bytes) + include("runtime/bundle/map_api.h");
  }
  if (const auto &boxes = options.pictures[0].boxes)
    text += fmt::format("#define NET2C_BOXES {}\n#define NET2C_BOXES_BYTES ((size_t){}u)\n", boxes->most, boxes->candidates * sizeof(net2c_candidate)) +
            include("runtime/bundle/boxes_api.h");
  return text;
}

std::string picture_body(const EmitOptions &options)
{
  if (options.pictures.empty()) return "";
  const bool map = options.pictures[0].map.has_value(), boxes = options.pictures[0].boxes.has_value();
  std::vector<std::string> specs, means, maps, found, heads;
  std::string all_heads;
  for (size_t size = 0; size < options.pictures.size(); ++size) {
    const PictureOptions &p = options.pictures[size];
    specs.push_back(spec_of(p.spec));
    means.push_back(p.mean == NET2C_NONE ? "  0,\n" : fmt::format("  {}u,\n", uint64_t{p.mean & 0x1fffffff} * 64));
    if (map) maps.push_back(spec_of(*p.map));
    if (boxes) {
      found.push_back(spec_of(*p.boxes));
      all_heads += heads_of(p.heads, size);
      heads.push_back(fmt::format("  net2c_heads{},\n", size));
    }
  }
  std::string text = include("runtime/picture/picture.h") + table("struct net2c_picture_spec net2c_picture_specs", specs) +
                     "/* Bytes of the weights before the mean image. */\n" + table("size_t net2c_means", means) + include("runtime/bundle/picture.c");
  if (map || boxes) text += include("runtime/results/results.h") + include("runtime/bundle/place.c");
  if (map) text += table("struct net2c_map_spec net2c_map_specs", maps) + include("runtime/bundle/map.c");
  if (boxes)
    text += all_heads + table("struct net2c_head *const net2c_heads", heads) + table("struct net2c_boxes_spec net2c_boxes_specs", found) +
            include("runtime/bundle/boxes.c");
  return text;
}

}  // namespace net2c
