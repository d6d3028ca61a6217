// Convolutions by Winograd's algorithm: when, and the two steps for each strip of tile rows.
#include "lower/winograd.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "kernels/winograd/winograd_args.h"
#include "lower/pack.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

// A strip's transformed input stays in L2; where that would be few tiles, whose filters are transformed for each strip, it may be larger.
constexpr int64_t strip_bytes = 1 << 20, most_strip_bytes = 4 << 20, strip_tiles = 56;
constexpr int64_t row_chunk_tiles = 96;    // a chunk transforms its filters anew; from here on they are under 3 % of its work
constexpr int64_t least_chunk_tiles = 28;  // where a worker would be idle else

// An odd few panels would leave one of two workers idle: each is then cut in two.
bool is_odd_few(int64_t panels) { return panels % 2 && panels < 6; }
int64_t panels_of(const Groups &g) { return g.groups * NET2C_WINOGRAD_PANELS((g.oc + 7) / 8); }

// Operations of the transforms (kernels/winograd/transform.h): of a tile of one channel, of the filter of a pair of channels; the mean of images and phases.
struct TransformCost { int64_t input, output, filter; };

struct Algorithm {
  const char *input, *product;             // kernels
  int64_t points, m;                       // of a tile; outputs of its side
  TransformCost cost;
  int64_t images = 1, phases = 1;          // of the input, of the output
  int64_t pieces = 1;                      // of a kernel along a line: each after the first reads the tile after the one before
  int64_t products = points * images * phases;   // of a tile, for a pair of channels
  bool line = false, vertical = false;     // tiles of one dimension, which of the two
  bool is_f43 = false;
  int64_t step() const { return phases > 1 ? 2 * m : m; }   // rows of output from tile to tile
  int64_t reads() const { return std::lround(std::sqrt(images > 1 ? products : points)); }   // rows of input: one for each point along an axis, of images each theirs
};
// Of four taps; of three, a half of an axis has one, with no product at infinity.
constexpr TransformCost five_points{100, 99, 56}, four_points{81, 99, 36};
constexpr int64_t short_products = (5 + 4) * (5 + 4);
constexpr Algorithm f43{.input = "winograd_input", .product = "winograd3", .points = 36, .m = 4, .cost = {144, 120, 99}, .is_f43 = true}, f25{"winograd_input", "winograd5", 36, 2, {144, 72, 165}};
constexpr Algorithm f42{"winograd_input5_s2", "winograd4_s2", 25, 4, five_points, 4};
constexpr Algorithm f42_short{"winograd_input54_s2", "winograd3_s2", 25, 4, four_points, 4, 1, 1, short_products};
constexpr Algorithm f42_transposed{"winograd_input5", "winograd_deconv", 25, 4, five_points, 1, 4};
constexpr Algorithm f42_transposed_short{"winograd_input5", "winograd_deconv3", 25, 4, {100, 99, 36}, 1, 4, 1, short_products};
// Of one dimension. F(3,4) twice has seven taps; the first piece has three, so that its product at infinity is zero.
constexpr Algorithm line3(bool vertical) { return {"winograd_input_1d", "winograd3_1d", 6, 4, {12, 12, 11}, 1, 1, 1, 6, true, vertical}; }
constexpr Algorithm line7(bool vertical) { return {"winograd_input_1d", "winograd7_1d", 6, 3, {12, 10, 24}, 1, 1, 2, 11, true, vertical}; }
constexpr Algorithm row3 = line3(false), column3 = line3(true), row7 = line7(false), column7 = line7(true);

constexpr const Algorithm *of_maps[] = {&f43, &f25, &f42, &f42_short, &f42_transposed, &f42_transposed_short};

const Algorithm *algorithm_of(const Conv &op, const Shape &w)
{
  if (op.dilations != std::vector<int64_t>{1, 1} || op.strides[0] != op.strides[1]) return nullptr;
  if (op.strides[0] == 1 && w[2] == 1) return w[3] == 3 ? &row3 : w[3] == 7 ? &row7 : nullptr;
  if (op.strides[0] == 1 && w[3] == 1) return w[2] == 3 ? &column3 : w[2] == 7 ? &column7 : nullptr;
  if (w[2] != w[3]) return nullptr;
  if (op.strides[0] == 1) return w[2] == 3 ? &f43 : w[2] == 5 ? &f25 : nullptr;
  if (op.strides[0] != 2 || op.group != 1) return nullptr;
  return w[2] == 4 ? &f42 : w[2] == 3 ? &f42_short : nullptr;
}

const Algorithm *algorithm_of(const ConvTranspose &op, const Shape &w)
{
  if (op.strides != std::vector<int64_t>{2, 2} || op.dilations != std::vector<int64_t>{1, 1} || w[2] != w[3] || op.group != 1) return nullptr;
  return w[2] == 4 ? &f42_transposed : w[2] == 3 ? &f42_transposed_short : nullptr;
}

// The pad as kernels of a transposed convolution take it: three taps are four, the first of them zero.
int64_t tile_pad(const Conv &op, const Shape &, size_t side) { return op.pads[side]; }
int64_t tile_pad(const ConvTranspose &op, const Shape &w, size_t side) { return op.pads[side] + 4 - w[2]; }

// Along one axis: tiles, and the inputs that they read, from `before` outside on.
struct Axis { int64_t tiles, before, reach; };

Axis axis_of(const Algorithm &a, int64_t out, int64_t taps, int64_t stride, int64_t pad)
{
  if (a.phases == 1) return {(out + a.m - 1) / a.m, pad, (out - 1) * stride + taps};
  // Output 2 q + p reads inputs q + (p + pad) / 2 - 1 and the next; of three taps, even p + pad only the first.
  const auto last_of = [&](int64_t p) { return (out - 1 - p) / 2 + (p + pad) / 2 - (taps == 3 && (p + pad) % 2 == 0 ? 1 : 0); };
  const int64_t first = pad / 2 - 1, last = std::max(last_of(0), out > 1 ? last_of(1) : 0);
  return {(out + pad % 2 + a.step() - 1) / a.step(), -first, last - first + 1};
}

// How tiles lie: rows of them, numbered through the images, and tiles of a row; of one dimension, a row is a line of the map.
struct Tiling {
  Axis v, h;
  int64_t tile_rows, columns, read_columns;   // of an image; of output, of input
  bool mixed = false;                         // kernels/winograd/band.h
  int64_t products;                           // of all tiles, for a pair of channels
};

template <class Op>
Tiling tiling_of(const Algorithm &a, const Op &op, const Shape &w, const Shape &y)
{
  Tiling t{axis_of(a, y[2], w[2], op.strides[0], tile_pad(op, w, 0)), axis_of(a, y[3], w[3], op.strides[1], tile_pad(op, w, 1)), 0, 0, 0, false, 0};
  t.tile_rows = !a.line ? t.v.tiles : a.vertical ? y[3] : y[2];
  t.columns = a.vertical ? t.v.tiles : t.h.tiles;
  t.read_columns = t.columns + a.pieces - 1;
  t.products = y[0] * t.tile_rows * t.columns * a.products;
  // Along each axis a mixed tile has two products more than outputs. A few less would not pay for the transforms of short tiles, which are slower.
  const int64_t mixed = (y[2] + 2 * t.v.tiles) * (y[3] + 2 * t.h.tiles);
  t.mixed = a.is_f43 && y[0] == 1 && mixed * 20 < t.products * 19 && winograd_band_rows(1, t.columns) > 0;
  if (t.mixed) t.products = mixed;
  return t;
}

// Of so many of the layer's `all_tiles`: products and transforms, that of the filters once for all of them.
uint64_t operations_of(const Algorithm &a, const Groups &g, const Tiling &t, int64_t tiles, int64_t all_tiles)
{
  const int64_t pairs = g.groups * g.ic * g.oc;
  const int64_t tile = a.cost.input * g.groups * g.ic * a.images + a.cost.output * g.groups * g.oc * a.phases;
  const int64_t filters = a.cost.filter * pairs * a.images * a.phases;
  return static_cast<uint64_t>(tile * tiles + (t.products * pairs + filters) * tiles / all_tiles);
}

// Strips of whole rows of tiles, which all have one size or differ by a row.
struct Strips {
  int64_t count, rows, pitch;   // rows: of the largest
  int64_t depth;                // blocks of input channels whose filters are transformed at once
  uint64_t bytes, scratch;      // of transformed input, of a worker
};

Strips strips_of(const Algorithm &a, const Groups &g, const Tiling &t, int64_t all_rows, int64_t rows)
{
  const int64_t blocks = (g.ic + 7) / 8 * a.images * g.groups, depth = (g.ic + 7) / 8 * a.images * a.pieces;
  Strips s{};
  s.count = (all_rows + rows - 1) / rows;
  s.rows = (all_rows + s.count - 1) / s.count;
  s.pitch = s.rows * t.read_columns;
  if (s.pitch % 128 == 0) s.pitch += 2;    // blocks 4 KB apart would share cache sets
  const uint64_t bytes = static_cast<uint64_t>(a.points) * 4 * NET2C_WINOGRAD_PLANE(static_cast<uint64_t>(blocks * s.pitch) * 8);
  s.bytes = (bytes + 63) / 64 * 64;
  s.depth = s.rows * t.columns > NET2C_WINOGRAD_BLOCK ? depth : std::min<int64_t>(depth, NET2C_WINOGRAD_FILTER_BYTES / (a.points * 512));
  s.scratch = NET2C_WINOGRAD_SCRATCH(static_cast<uint64_t>(a.points), static_cast<uint64_t>(s.depth));
  return s;
}

// What the cost model knows of a core: multiply-adds a cycle, cycles for a point of a pair of channels' filter, operations a cycle of the tiles' transforms. From measurements
// of each part: with 16 lanes on Zen 4 (on Zen 3 both sides scale alike; filters of lines: on a Xeon, of stride 2, whose few taps make many points, which leave L1: on Zen 5),
// with 32 on Zen 5, where filters are not transformed sooner: what limits them is where their weights and points lie.
struct Core { double multiply_adds, filter, line_filter, many_filter, transforms; };
constexpr Core narrow_core{16, 1.0 / 6, 1.0 / 2, 1.0 / 4, 8}, wide_core{32, 1.0 / 4.5, 1.0 / 4, 1.0 / 4, 12};
constexpr int64_t least_tiles = 4;   // a product of fewer waits for its sums

bool is_faster(const Core &core, const Algorithm &a, const Groups &g, const Tiling &t, const Shape &w, const Shape &y, int64_t tiles, double times)   // filters are transformed
{
  const int64_t ic = (g.ic + 7) / 8 * 8, oc = (g.oc + 7) / 8 * 8;
  const double pairs = static_cast<double>(g.groups * ic * oc), points = static_cast<double>(a.points), multiplied = static_cast<double>(a.products);
  const double direct = static_cast<double>(y[0] * y[2] * y[3] * w[2] * w[3]) / static_cast<double>(a.phases) * pairs / core.multiply_adds / 0.95;
  const double by_pairs_of_blocks = static_cast<double>(g.groups * ic * ((oc + 15) / 16 * 16));
  const double products = static_cast<double>(std::max(t.products, least_tiles * a.products)) * by_pairs_of_blocks / core.multiply_adds / 0.9;
  const double filters = times * multiplied * (a.line ? core.line_filter : a.images * a.phases > 1 ? core.many_filter : core.filter) * pairs;
  const double input = a.images > 1 ? multiplied : points;
  const double transforms = static_cast<double>(tiles * g.groups) * (4 * input * static_cast<double>(ic) + 3 * points * static_cast<double>(a.phases * oc)) / core.transforms;
  return products + filters + transforms < 0.95 * direct;
}

// Of either op; `weights` are packed with the taps of a channel together.
template <class Op>
void lower_by(const Algorithm &alg, const Strips &strips, const Op &op, const Node &node, Lowering &l, const net2c_map &x, const Groups &g, const PackedWeights &weights, uint64_t macs)
{
  const ValueId yv = node.outputs[0];
  const Shape y = l.value(yv).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  const Operands o = operands_of(node, op.epilogue, l);
  const Tiling t = tiling_of(alg, op, w, y);
  const int64_t ic_blocks = (g.ic + 7) / 8, oc_blocks = (g.oc + 7) / 8, blocks = ic_blocks * g.groups, all_rows = y[0] * t.tile_rows;
  const net2c_ref transformed = l.spare_buffer(node.name + ".winograd", strips.bytes);
  const uint32_t panels = u(panels_of(g)), scratch = static_cast<uint32_t>(strips.scratch);

  for (int64_t strip = 0; strip < strips.count; ++strip) {
    const int64_t first = all_rows * strip / strips.count, rows = all_rows * (strip + 1) / strips.count - first, tiles = rows * t.columns;
    const uint32_t band = t.mixed ? u(winograd_band_rows(rows, t.columns)) : 0;
    const uint64_t part = macs * static_cast<uint64_t>(rows) / static_cast<uint64_t>(all_rows);
    net2c_winograd_input_args in{x, transformed, u(alg.m), u(t.tile_rows), u(t.read_columns), u(first), u(rows), u(strips.pitch),
                                 static_cast<int32_t>(t.v.before), static_cast<int32_t>(t.h.before), u(t.v.reach), u(t.h.reach), alg.vertical, band, 1};
    in.chunks = chunks_for(static_cast<uint64_t>(blocks * alg.images * rows * t.read_columns * alg.points), u(blocks * (alg.line ? t.read_columns : rows)));
    l.step(alg.input, in, in.chunks, node, {});
    net2c_winograd_args a{transformed, o.y, o.r, weights.ref, o.bias, o.epilogue.scale, o.epilogue.shift, u(g.groups), u(ic_blocks), u(oc_blocks),
                          u(t.tile_rows), u(t.columns), u(first), u(rows), u(strips.pitch), static_cast<int32_t>(tile_pad(op, w, 0)), static_cast<int32_t>(tile_pad(op, w, 1)),
                          u(strips.depth), alg.vertical, band, 0, o.epilogue.act, o.epilogue.a, o.epilogue.b, 1, 1};
    const uint32_t wanted = chunks_for(part / 150, 64);
    a.oc_chunks = std::min(wanted, panels);
    const int64_t row_chunks = std::max<int64_t>(tiles / row_chunk_tiles, is_odd_few(panels) ? std::min<int64_t>(2, tiles / least_chunk_tiles) : 0);
    a.row_chunks = std::min({(wanted + a.oc_chunks - 1) / a.oc_chunks, u(alg.line ? t.columns : band ? (rows + band - 1) / band : rows), u(std::max<int64_t>(1, row_chunks))});
    if (alg.line && !alg.vertical && o.y.fill != NET2C_FILL_ZERO) a.row_chunks = 1;   // a row's halo copies what other chunks write
    const std::vector<ValueId> done = strip + 1 == strips.count ? std::vector<ValueId>{yv} : std::vector<ValueId>{};
    l.step(weights.reader(alg.product).c_str(), a, a.oc_chunks * a.row_chunks, node, done, part, scratch);
    l.recipe.steps.back().operations = operations_of(alg, g, t, tiles, all_rows * t.columns);
  }
}

struct Choice { const Algorithm *algorithm; Strips strips; };

// In strips of the usual size, or as large as the layer is allowed: smaller ones transform the filters more often.
template <class Op>
std::optional<Choice> choose(const Op &op, const Node &node, const Groups &g, Lowering &l)
{
  const Shape &x = l.value(node.inputs[0]).shape, &w = l.value(node.inputs[1]).shape, &y = l.value(node.outputs[0]).shape;
  const Allowance allowed = l.allowed();
  const Algorithm *a = algorithm_of(op, w);
  if (!a) return {};
  const Tiling t = tiling_of(*a, op, w, y);
  const int64_t all_rows = y[0] * t.tile_rows, row_bytes = a->points * 32 * ((g.ic + 7) / 8 * g.groups * a->images) * t.read_columns;
  const Strips usual = strips_of(*a, g, t, all_rows, winograd_strip_rows(all_rows, t.columns, row_bytes, is_odd_few(panels_of(g))));
  Strips strips = usual;
  while (strips.bytes > allowed.arena || strips.scratch > allowed.scratch) {
    if (strips.rows == 1) return {};
    strips = strips_of(*a, g, t, all_rows, strips.rows - 1);
  }
  const bool fast = is_faster(l.wants_avx512() ? wide_core : narrow_core, *a, g, t, w, y, all_rows * t.columns, static_cast<double>(strips.count) / static_cast<double>(usual.count));
  const LayerKind kind{std::is_same_v<Op, ConvTranspose>, w[2], w[3], op.strides[0], op.group, y[0], x[1], y[1], y[2], y[3]};
  const Method method = l.choose(kind, {Method::direct, Method::winograd}, fast ? Method::winograd : Method::direct);
  const bool timed = strips.count == usual.count;   // times are of strips of the usual size
  if (method == Method::direct || (!timed && !fast)) return {};
  return Choice{a, strips};
}

}  // namespace

uint32_t winograd_output_rows(std::string_view product)
{
  if (product.ends_with("_half")) product.remove_suffix(5);
  const auto a = std::ranges::find(of_maps, product, &Algorithm::product);
  return a == std::end(of_maps) ? 0 : u((*a)->step());
}

uint32_t winograd_input_rows(std::string_view input)
{
  const auto a = std::ranges::find(of_maps, input, &Algorithm::input);
  return a == std::end(of_maps) ? 0 : u((*a)->reads());
}

int64_t winograd_strip_rows(int64_t all_rows, int64_t columns, int64_t row_bytes, bool odd_few)
{
  const int64_t tiles = odd_few ? 2 * strip_tiles : strip_tiles;
  const int64_t rows = std::min(most_strip_bytes / row_bytes, std::max(strip_bytes / row_bytes, (tiles + columns - 1) / columns));
  return std::clamp<int64_t>(rows, 1, all_rows);
}

int64_t winograd_band_rows(int64_t rows, int64_t columns)
{
  const int64_t most = NET2C_WINOGRAD_BLOCK / columns, count = most ? (rows + most - 1) / most : 1;
  return most ? (rows + count - 1) / count : 0;
}

bool lower_by_winograd(const Conv &op, const Node &node, Lowering &l, const Groups &g)
{
  const Shape x = l.value(node.inputs[0]).shape, y = l.value(node.outputs[0]).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  const auto choice = choose(op, node, g, l);
  if (!choice) return false;
  const net2c_map map = l.c8(node.inputs[0], halo_of(op, x, w, y), op.fill);
  const PackedWeights weights = packed_weights(node.inputs[1], node, l, [&](const Tensor &t) { return pack_conv(t, op.group, g, 8, Taps::inside); });
  lower_by(*choice->algorithm, choice->strips, op, node, l, map, g, weights, static_cast<uint64_t>(count(y) * w[1] * w[2] * w[3]));
  return true;
}

bool lower_by_winograd(const ConvTranspose &op, const Node &node, Lowering &l, const Groups &g)
{
  const Shape x = l.value(node.inputs[0]).shape, y = l.value(node.outputs[0]).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  const auto choice = choose(op, node, g, l);
  if (!choice) return false;
  const net2c_map map = l.c8(node.inputs[0], halo_of(op, x, w, y));
  const PackedWeights weights = packed_weights(node.inputs[1], node, l, [&](const Tensor &t) { return pack_deconv(t, op.group, g, op.strides, op.dilations, op.pads, Taps::inside); });
  lower_by(*choice->algorithm, choice->strips, op, node, l, map, g, weights, static_cast<uint64_t>(count(x) * w[1] * w[2] * w[3]));
  return true;
}

}  // namespace net2c
