#include "lower/lower.h"

#include <algorithm>

#include "kernels/move/layout_args.h"
#include "kernels/move/move_args.h"
#include "lower/families.h"
#include "lower/fuse_pools.h"
#include "lower/map_rows.h"
#include "lower/plain.h"
#include "lower/split_norms.h"
#include "lower/strips.h"

namespace net2c {

namespace {

Shape nchw_of(const Value &v)
{
  const Shape &s = v.shape;
  if (v.type != Type::f32) throw Unsupported{std::string("a feature map of type ") + name_of(v.type)};
  switch (s.size()) {
    case 2: return {s[0], s[1], 1, 1};
    case 3: return {s[0], s[1], 1, s[2]};
    case 4: return s;
    default: throw Unsupported{"a feature map of shape " + text_of(s)};
  }
}

bool covers(const net2c_map &m, const Halo &h, Fill fill)
{
  if (h.none()) return true;
  return m.fill == static_cast<uint32_t>(fill) && m.top >= h.top && m.left >= h.left && m.bottom >= h.bottom && m.right >= h.right;
}

Halo merged(const Halo &a, const Halo &b)
{
  return {std::max(a.top, b.top), std::max(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
}

// The largest reflected or repeated halo that a map of this size can fill.
bool fits(const Halo &h, Fill fill, const Shape &nchw)
{
  return fill != Fill::reflect || (h.top < nchw[2] && h.bottom < nchw[2] && h.left < nchw[3] && h.right < nchw[3]);
}

// Input and Constant have no steps: their values are where they are.
Layout layout_of(const Input &, const Node &, const Wants &) { return Layout::plain; }
Layout layout_of(const Constant &, const Node &, const Wants &) { return Layout::plain; }
void want(const Input &, const Node &, Wants &) {}
void want(const Constant &, const Node &, Wants &) {}
void lower(const Input &, const Node &, Lowering &) {}
void lower(const Constant &, const Node &, Lowering &) {}

}  // namespace

Wants::Wants(const Graph &g)
    : graph(g), uses(uses_of(g)), c8_form(g.values.size()), part(g.values.size()), has_parts(g.values.size()), images(g.values.size()), layouts_(g.values.size(), Layout::plain)
{
}

void Wants::c8(ValueId v, Halo halo, Fill fill)
{
  Form &form = c8_form[v];
  if (halo.none() || !fits(halo, fill, nchw_of(graph.values[v]))) return;
  if (form.wanted && form.fill != fill) return;   // the other kind of fill will be a copy
  form = {merged(form.halo, halo), fill, true};
}

void Wants::image(ValueId v) { ++images[v]; }   // always made by a conversion, with the halo that its reader asks for

void Wants::part_of(ValueId v, ValueId whole, uint32_t block)
{
  const NodeId producer = uses.producer[v];
  if (producer == none || part[v].whole != none || v == whole) return;
  const Op &op = graph.nodes[producer].op;
  if (std::holds_alternative<Input>(op) || std::holds_alternative<Constant>(op)) return;
  if (layout(v) != Layout::c8 || layout(whole) != Layout::c8) return;
  part[v] = {whole, block};
  has_parts[whole] = true;
}

void Wants::view_of(ValueId view, ValueId whole) { views_.push_back({view, whole}); }

void Wants::resolve()
{
  std::vector<View> within;
  for (ValueId v = 0; v < part.size(); ++v)
    if (part[v].whole != none) within.push_back({v, part[v].whole});
  for (const View &v : views_)
    if (part[v.view].whole == none) within.push_back(v);   // a part of another map is copied there
  for (bool changed = true; changed;) {
    changed = false;
    for (const View &v : within) {
      Form &a = c8_form[v.view], &b = c8_form[v.whole];
      if (a.wanted && b.wanted && a.fill != b.fill) {
        a = b;
        changed = true;
        continue;
      }
      const Form both{merged(a.halo, b.halo), a.wanted ? a.fill : b.fill, a.wanted || b.wanted};
      for (Form *f : {&a, &b})
        if (f->wanted != both.wanted || merged(f->halo, both.halo).top != f->halo.top || both.halo.left != f->halo.left ||
            both.halo.bottom != f->halo.bottom || both.halo.right != f->halo.right)
          *f = both, changed = true;
    }
  }
}

Lowering::Lowering(const Graph &g, const Wants &w, Recipe &r, WeightsPool &pool, const Budget &budget, const Speeds &speeds)
    : graph(g), wants(w), recipe(r), pool_(pool), budget_(budget), speeds_(speeds), stored_(g.values.size()), last_reader_(g.values.size(), 0), output_taken_(g.outputs.size())
{
  for (ValueId v = 0; v < g.values.size(); ++v) {
    for (NodeId n : w.uses.readers[v]) last_reader_[v] = std::max(last_reader_[v], n);
    if (w.uses.as_output[v]) last_reader_[v] = none;
  }
  // Packed, they are hardly larger than in the model: space for all of them at once saves copies of hundreds of megabytes.
  size_t constants = 0;
  for (const Node &node : g.nodes)
    if (const auto *constant = std::get_if<Constant>(&node.op)) constants += constant->data->bytes.size();
  if (pool_.bytes.empty()) pool_.bytes.reserve(constants + constants / 16);
}

net2c_ref Lowering::buffer(const std::string &name, uint64_t bytes)
{
  if (end_of_buffers(recipe) + bytes > (uint64_t{1} << 35) - 64) fail({}, "the network's intermediate values exceed 32 GB; use a smaller --size");
  living_.emplace_back();
  return append_buffer(recipe, name, bytes);
}

net2c_ref Lowering::spare_buffer(const std::string &name, uint64_t bytes)
{
  const net2c_ref ref = buffer(name, bytes);
  recipe.buffers.back().spare = true;
  return ref;
}

Method Lowering::choose(const LayerKind &layer, std::vector<Method> methods, Method usual)
{
  const auto times = speeds_.times.find(layer);
  const bool measured = times != speeds_.times.end();
  const Method taken = measured ? fastest(times->second, methods, usual) : usual;
  recipe.choices.push_back({now_, layer, std::move(methods), usual, taken, measured});
  return taken;
}

net2c_map Lowering::new_map(const std::string &name, const Shape &s, Layout layout, Halo halo, Fill fill)
{
  net2c_map m{};
  auto u = [](int64_t x) { return static_cast<uint32_t>(x); };
  m.n = u(s[0]), m.c = u(s[1]), m.h = u(s[2]), m.w = u(s[3]);
  m.lanes = layout == Layout::c8 ? 8 : m.c;
  m.top = halo.top, m.left = halo.left, m.bottom = halo.bottom, m.right = halo.right, m.fill = static_cast<uint32_t>(fill);
  m.pitch = m.left + m.w + m.right;
  m.plane = m.pitch * (m.top + m.h + m.bottom);
  uint32_t blocks = 1;
  if (layout == Layout::c8) {
    blocks = (m.c + 7) / 8;
    // One pixel a block stays dense: it is then the plain vector too.
    if (m.plane > 1) m.plane = padded_plane(m.plane);
  }
  m.image = m.plane * blocks;
  const uint64_t floats = uint64_t{m.image} * m.n * m.lanes;
  if (uint64_t{m.plane} * blocks * m.n > UINT32_MAX / 8) fail({.layer = name}, "a feature map of {} is too large", text_of(s));
  m.base = buffer(name, floats * 4);
  return m;
}

void Lowering::occupy(net2c_ref ref, ValueId v)
{
  if (ref >> 29 == NET2C_ARENA) living_[buffer_at(recipe, ref)].push_back(v);
}

bool Lowering::share_storage(ValueId a, ValueId b) const
{
  return a == b || std::any_of(living_.begin(), living_.end(), [&](const std::vector<ValueId> &values) {
           return std::count(values.begin(), values.end(), a) && std::count(values.begin(), values.end(), b);
         });
}

void Lowering::keep(ValueId v, const net2c_map &m)
{
  stored_[v].c8 = true;
  stored_[v].map = m;
  occupy(m.base, v);
}

void Lowering::keep(ValueId v, net2c_ref ref)
{
  stored_[v].plain = true;
  stored_[v].ref = ref;
  occupy(ref, v);
}

bool Lowering::dies_here(ValueId v) const
{
  const Stored &s = stored_[v];
  const net2c_ref ref = s.c8 ? s.map.base : s.ref;
  if (!(s.c8 || s.plain) || ref >> 29 != NET2C_ARENA) return false;
  const auto &values = living_[buffer_at(recipe, ref)];
  return std::all_of(values.begin(), values.end(), [&](ValueId x) { return last_reader_[x] != none && last_reader_[x] <= now_; });
}

net2c_map Lowering::c8(ValueId v, Halo halo, Fill fill)
{
  Stored &s = stored_[v];
  if (s.c8 && covers(s.map, halo, fill)) return s.map;
  for (const auto &[kind, map] : s.copies)
    if (covers(map, halo, fill)) return map;
  const Shape nchw = nchw_of(value(v));
  if (!fits(halo, fill, nchw)) throw Unsupported{"reflected padding as large as the map"};
  const Wants::Form &form = wants.c8_form[v];
  if (form.fill == fill) halo = merged(halo, form.halo);
  const Node &node = graph.nodes[now_];
  if (s.c8) {
    const net2c_map copy = new_map(value(v).name + ".halo", nchw, Layout::c8, halo, fill);
    const uint32_t chunks = chunks_for(uint64_t{copy.image} * copy.n * 3, copy.n * (copy.c + 7) / 8 * copy.h);
    step("copy_map", net2c_copy_map_args{s.map, copy, chunks}, chunks, node, {});
    s.copies.emplace_back(fill, copy);
    return copy;
  }
  const net2c_ref x = plain(v);
  const net2c_map m = new_map(value(v).name + ".c8", nchw, Layout::c8, halo, fill);
  const uint32_t chunks = chunks_for(uint64_t{m.image} * m.n * 3, m.n * ((m.c + 7) / 8) * m.h);
  step("to_map", net2c_to_map_args{x, m, chunks}, chunks, node, {});
  keep(v, m);
  return m;
}

net2c_map Lowering::image(ValueId v, Halo halo, Fill fill)
{
  Stored &s = stored_[v];
  if (s.image && covers(s.image_map, halo, fill)) return s.image_map;
  const Shape nchw = nchw_of(value(v));
  if (nchw[1] > 4) bug("an image of {} channels", nchw[1]);
  if (!fits(halo, fill, nchw)) throw Unsupported{"reflected padding as large as the map"};
  const net2c_map m = new_map(value(v).name + ".image", nchw, Layout::image, halo, fill);
  const Node &producer = graph.nodes[wants.uses.producer[v]];
  if (const Pad *pad = std::get_if<Pad>(&producer.op); pad && is_padded_picture(*pad, producer, wants)) {
    pad_image(*this, graph.nodes[now_], *pad, producer.inputs[0], m);
  } else {
    const uint32_t chunks = chunks_for(uint64_t{m.image} * m.n * 2, m.n * m.h);
    step("to_map", net2c_to_map_args{plain(v), m, chunks}, chunks, graph.nodes[now_], {});
  }
  s.image = true;
  s.image_map = m;
  return m;
}

net2c_ref Lowering::plain(ValueId v)
{
  Stored &s = stored_[v];
  if (s.plain) return s.ref;
  if (const Tensor *data = constant(v)) {
    s.ref = weights(std::span<const std::byte>(data->bytes), v);
    s.plain = true;
    return s.ref;
  }
  const NodeId producer = wants.uses.producer[v];
  if (const Input *input = std::get_if<Input>(&graph.nodes[producer].op)) {
    s.ref = NET2C_REF(NET2C_INPUT, static_cast<uint32_t>(input->index));
    s.plain = true;
    return s.ref;
  }
  if (!s.c8) bug("value {} is read before it is there", value(v).name);
  if (s.map.plane == 1 && (s.map.n == 1 || s.map.c % 8 == 0) && s.map.image == (s.map.c + 7) / 8) {
    keep(v, s.map.base);
    return s.ref;
  }
  const net2c_ref y = buffer(value(v).name + ".plain", static_cast<uint64_t>(count(value(v).shape)) * 4);
  const uint32_t chunks = chunks_for(uint64_t{s.map.image} * s.map.n * 3, s.map.n * ((s.map.c + 7) / 8) * s.map.h);
  step("to_plain", net2c_to_plain_args{s.map, y, chunks}, chunks, graph.nodes[now_], {});
  keep(v, y);
  return y;
}

net2c_map Lowering::whole_map(ValueId whole)
{
  if (stored_[whole].c8) return stored_[whole].map;
  net2c_map m;
  if (wants.part[whole].whole != none) {
    m = out_c8(whole);
  } else {
    const Wants::Form &form = wants.c8_form[whole];
    const Shape nchw = nchw_of(value(whole));
    m = new_map(value(whole).name, nchw, Layout::c8, form.halo, form.fill);
    if (m.plane == 1) {   // parts must start at multiples of 64 bytes
      const uint32_t blocks = m.image;
      m.plane = 2, m.image = 2 * blocks;
      m.base = buffer(value(whole).name, uint64_t{m.image} * m.n * 32);
    }
    keep(whole, m);
  }
  return m;
}

net2c_map Lowering::out_c8(ValueId v, ValueId over)
{
  if (stored_[v].c8) return stored_[v].map;   // a concat's map, begun by its parts
  const Wants::Form &form = wants.c8_form[v];
  const Shape nchw = nchw_of(value(v));
  if (const Wants::Part part = wants.part[v]; part.whole != none) {
    net2c_map m = whole_map(part.whole);
    m.base += part.block * m.plane * 8 / 16;
    m.c = static_cast<uint32_t>(nchw[1]);
    keep(v, m);
    return m;
  }
  if (over != none && !wants.has_parts[v] && stored_[over].c8 && wants.part[over].whole == none && dies_here(over)) {
    const net2c_map &m = stored_[over].map;
    if (m.n == nchw[0] && m.c == nchw[1] && m.h == nchw[2] && m.w == nchw[3] && covers(m, form.halo, form.fill)) {
      const net2c_map same = m;
      keep(v, same);
      return same;
    }
  }
  if (wants.has_parts[v]) return whole_map(v);
  const net2c_map m = new_map(value(v).name, nchw, Layout::c8, form.halo, form.fill);
  keep(v, m);
  return m;
}

net2c_ref Lowering::out_plain(ValueId v, ValueId over)
{
  for (size_t i = 0; i < graph.outputs.size(); ++i)
    if (graph.outputs[i] == v && !output_taken_[i]) {
      output_taken_[i] = true;
      keep(v, NET2C_REF(NET2C_OUTPUT, static_cast<uint32_t>(i)));
      return stored_[v].ref;
    }
  const uint64_t bytes = static_cast<uint64_t>(count(value(v).shape)) * size_of(value(v).type);
  if (over != none && stored_[over].plain && !stored_[over].c8 && dies_here(over) &&
      static_cast<uint64_t>(count(value(over).shape)) * size_of(value(over).type) == bytes) {
    keep(v, stored_[over].ref);
    return stored_[v].ref;
  }
  keep(v, buffer(value(v).name, bytes));
  return stored_[v].ref;
}

void Lowering::alias_plain(ValueId result, ValueId source) { keep(result, plain(source)); }
void Lowering::alias_c8(ValueId result, const net2c_map &map) { keep(result, map); }

net2c_ref Lowering::weights(std::span<const float> floats, ValueId source) { return weights(std::as_bytes(floats), source); }

net2c_ref Lowering::weights(std::span<const std::byte> bytes, ValueId source)
{
  return pool_.add(source == none ? "" : value(source).name, bytes);
}

net2c_ref Lowering::indices_as_runs(const std::vector<uint32_t> &index)
{
  std::vector<net2c_gather_run> runs;   // a third index may differ from the second as the second does from the first
  for (size_t i = 0; i < index.size(); ++i) {
    const int32_t step = i ? static_cast<int32_t>(index[i]) - static_cast<int32_t>(index[i - 1]) : 0;
    if (i && runs.back().count == 1) runs.back().step = step;
    if (i && runs.back().step == step) ++runs.back().count;
    else runs.push_back({index[i], 1, 1});
  }
  return weights(std::as_bytes(std::span(runs)));
}

void Lowering::add_step(const char *kernel, std::vector<uint32_t> words, uint32_t chunks, const Node &node, std::vector<ValueId> done,
                        uint64_t macs, uint32_t scratch)
{
  Step s;
  s.kernel = kernel_named(kernel);
  s.args = std::move(words);
  s.chunks = chunks;
  s.scratch = scratch;
  s.macs = macs;
  s.layer = node.name;
  s.node = static_cast<NodeId>(&node - graph.nodes.data());
  for (ValueId v : done) {
    const Value &x = value(v);
    Written w{v, x.name, x.type, x.shape, Layout::plain, {}, NET2C_NONE};
    if (stored_[v].c8) w.layout = Layout::c8, w.map = stored_[v].map;
    else if (stored_[v].plain) w.ref = stored_[v].ref;
    else bug("step {} of {} is done with a value that is nowhere", kernel, node.name);
    s.written.push_back(std::move(w));
  }
  recipe.steps.push_back(std::move(s));
}

void Lowering::finish()
{
  now_ = graph.nodes.empty() ? 0 : static_cast<NodeId>(graph.nodes.size() - 1);
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    if (output_taken_[i]) continue;
    const ValueId v = graph.outputs[i];
    const Stored &s = stored_[v];
    const net2c_ref y = NET2C_REF(NET2C_OUTPUT, static_cast<uint32_t>(i));
    const NodeId producer = wants.uses.producer[v];
    const Node &node = graph.nodes[producer];
    if (s.c8 && !s.plain) {
      const uint32_t chunks = chunks_for(uint64_t{s.map.image} * s.map.n * 3, s.map.n * ((s.map.c + 7) / 8) * s.map.h);
      step("to_plain", net2c_to_plain_args{s.map, y, chunks}, chunks, node, {});
    } else {
      const uint64_t bytes = static_cast<uint64_t>(count(value(v).shape)) * size_of(value(v).type);
      if (bytes > UINT32_MAX) fail({.layer = node.name}, "an output of {} bytes is too large", bytes);
      step("copy_plain", net2c_copy_plain_args{plain(v), y, static_cast<uint32_t>(bytes), 1}, 1, node, {});
    }
    Step &last = recipe.steps.back();
    last.written.push_back({v, value(v).name, value(v).type, value(v).shape, Layout::plain, {}, y});
    output_taken_[i] = true;
  }
}

uint32_t chunks_for(uint64_t cost_ns, uint32_t most)
{
  constexpr uint64_t least_ns = 4000;
  const uint64_t wanted = std::min<uint64_t>(32, cost_ns / least_ns);
  return static_cast<uint32_t>(std::clamp<uint64_t>(wanted, 1, std::max(1u, most)));
}

Recipe lower(const Graph &graph, WeightsPool &pool, const Budget &budget, const Speeds &speeds)
{
  Wants wants(graph);
  struct Refusal { const Node *node; std::string reason; };
  std::vector<Refusal> refused;
  for (const Node &node : graph.nodes)
    for (ValueId v : node.outputs) wants.set_layout(v, std::visit([&](const auto &op) { return layout_of(op, node, wants); }, node.op));
  for (const Node &node : graph.nodes) std::visit([&](const auto &op) { want(op, node, wants); }, node.op);
  wants.resolve();

  Recipe recipe;
  recipe.name = graph.name;
  for (ValueId v : graph.inputs) recipe.inputs.push_back({graph.values[v].name, graph.values[v].type, graph.values[v].shape});
  for (ValueId v : graph.outputs) recipe.outputs.push_back({graph.values[v].name, graph.values[v].type, graph.values[v].shape});

  Lowering lowering(graph, wants, recipe, pool, budget, speeds);
  for (NodeId n = 0; n < graph.nodes.size(); ++n) {
    const Node &node = graph.nodes[n];
    lowering.now_ = n;
    try {
      std::visit([&](const auto &op) { lower(op, node, lowering); }, node.op);
    } catch (const Unsupported &u) {
      refused.push_back({&node, u.reason});
      for (ValueId v : node.outputs)   // so that what follows can be looked at too
        if (!lowering.stored_[v].c8 && !lowering.stored_[v].plain) lowering.keep(v, lowering.buffer("refused", 64));
    }
  }
  if (!refused.empty()) {
    std::string text = fmt::format("{} {} cannot be compiled yet:", refused.size(), refused.size() == 1 ? "layer" : "layers");
    for (const Refusal &r : refused) text += fmt::format("\n  '{}' ({}): {}", r.node->name, name_of(r.node->op), r.reason);
    fail({.file = graph.name}, "{}", text);
  }
  lowering.finish();
  fuse_pools(recipe);
  cut_into_strips(recipe);
  split_norms(recipe, wants.uses);
  plan_arena(recipe);
  recipe.weights.swap(pool.bytes);
  recipe.structure = structure_hash(recipe);
  verify(recipe);
  recipe.weights.swap(pool.bytes);
  return recipe;
}

Recipe lower(const Graph &graph, const Speeds &speeds)
{
  WeightsPool pool;
  Recipe recipe = lower(graph, pool, {}, speeds);
  recipe.weights = std::move(pool.bytes);
  return recipe;
}

}  // namespace net2c
