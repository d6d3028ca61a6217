#include "emit/tables.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "emit/sources.h"
#include "emit/text.h"

namespace net2c {

namespace {

std::string reference(uint32_t ref)
{
  constexpr const char *bases[] = {"WEIGHTS", "ARENA", "SCRATCH", "INPUT", "OUTPUT"};
  if (ref == NET2C_NONE) return "NET2C_NONE";
  if (ref >> 29 > NET2C_OUTPUT) bug("reference {:x} has no base", ref);
  return fmt::format("NET2C_REF(NET2C_{}, {})", bases[ref >> 29], ref & 0x1fffffff);
}

std::string signed_number(uint32_t word)
{
  const int32_t x = static_cast<int32_t>(word);
  return x == INT32_MIN ? "-2147483647 - 1" : fmt::format("{}", x);
}

std::string value_of(const Field &field, std::span<const uint32_t> words)
{
  std::string text;
  switch (field.type) {
    case FieldType::u32: return fmt::format("{}u", words[0]);
    case FieldType::i32: return signed_number(words[0]);
    case FieldType::f32: return c_float(std::bit_cast<float>(words[0]));
    case FieldType::ref: return reference(words[0]);
    case FieldType::map:
      text = "{" + reference(words[0]);
      for (uint32_t w : words.subspan(1)) text += fmt::format(", {}u", w);
      return text + "}";
    case FieldType::dims: return fmt::format("{{{}}}", fmt::join(words, ", "));
    case FieldType::steps:
      for (uint32_t w : words) text += (text.empty() ? "{" : ", ") + signed_number(w);
      return text + "}";
  }
  bug("a field of no type");
}

std::string dims_of(const Shape &shape) { return shape.empty() ? "{1}" : fmt::format("{{{}}}", fmt::join(shape, ", ")); }

std::string type_of(Type type)
{
  std::string name = type == Type::boolean ? "bool" : name_of(type);
  for (char &c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return "NET2C_" + name;
}

// The ports of all sizes, one size after the other.
std::string ports(const char *table, std::span<const Recipe> sizes, std::vector<Port> Recipe::*which)
{
  std::string text = fmt::format("const struct net2c_port {}[] = {{\n", table);
  for (const Recipe &r : sizes)
    for (const Port &p : r.*which)
      text += fmt::format("  {{{}, {}, {}, {}, {}}},\n", c_string(p.name), type_of(p.type), p.shape.size(), dims_of(p.shape),
                          static_cast<uint64_t>(count(p.shape)) * size_of(p.type));
  if ((sizes[0].*which).empty()) text += "  {NULL, 0, 0, {0}, 0},\n";
  return text + "};\n";
}

// Includes the embedded header with this text in it: families may share one.
std::string include_with(const std::string &text, const std::string &folder)
{
  for (const auto &[path, source] : embedded_sources())
    if (path.starts_with("kernels/" + folder + "/") && source.find(text) != std::string::npos) return fmt::format("#include \"{}\"\n", path);
  bug("no header of kernels/{} has '{}'", folder, text);
}

std::string labels_table(const std::vector<std::string> &labels)
{
  std::string text = "const char *const net2c_labels[] = {\n";
  for (const std::string &l : labels) text += "  " + c_string(l) + ",\n";
  return text + "  NULL};\n";
}

std::string written(const Written &w)
{
  const net2c_map &m = w.map;
  const bool plain = w.layout == Layout::plain;
  return fmt::format("  {{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}},\n", c_string(w.name), type_of(w.type), w.shape.size(),
                     dims_of(w.shape), reference(plain ? w.ref : m.base), plain ? 0 : m.lanes, m.pitch, m.plane, m.image, m.top, m.left);
}

}  // namespace

Used::Used(std::span<const Recipe> sizes)
{
  for (const Recipe &r : sizes)
    for (const Step &s : r.steps) {
      kernels.push_back(s.kernel);
      each_field(*catalogue()[s.kernel].family, s.args, [&](const Field &field, std::span<const uint32_t> words) {
        if (std::string_view(field.name) == "act") acts |= uint64_t{1} << words[0];
      });
    }
  std::sort(kernels.begin(), kernels.end());
  kernels.erase(std::unique(kernels.begin(), kernels.end()), kernels.end());
  for (KernelId k : kernels)
    if (const Family *f = catalogue()[k].family; std::find(families.begin(), families.end(), f) == families.end()) families.push_back(f);
}

uint32_t Used::index(KernelId kernel) const
{
  return static_cast<uint32_t>(std::lower_bound(kernels.begin(), kernels.end(), kernel) - kernels.begin());
}

uint64_t structure_of(std::span<const Recipe> sizes)
{
  uint64_t h = sizes[0].structure;
  for (const Recipe &r : sizes.subspan(1)) h = (h ^ r.structure) * 0x9e3779b97f4a7c15u, h ^= h >> 31;
  return h;
}

std::string figures(std::span<const Recipe> sizes, uint64_t weights_file_bytes, const EmitOptions &options)
{
  std::string text = fmt::format("#define NET2C_WEIGHTS_BYTES ((size_t){}u) /* of the .weights file */\n#define NET2C_SIZES {}\n",
                                 weights_file_bytes, sizes.size());
  auto arena = [&](const std::string &of, uint64_t fixed, uint64_t scratch, const char *what) {
    text += fmt::format("#define NET2C_{}ARENA_BYTES(workers) ((size_t){}u + (size_t){}u * (size_t)(workers)) /* {} */\n", of, fixed, scratch, what);
  };
  auto counts = [&](const std::string &of, const char *kind, std::vector<Port> Recipe::*which, std::span<const Recipe> over) {
    for (size_t i = 0; i < (over[0].*which).size(); ++i) {
      const Port *most = nullptr;
      for (const Recipe &r : over)
        if (const Port &p = (r.*which)[i]; !most || count(p.shape) > count(most->shape)) most = &p;
      text += fmt::format("#define NET2C_{}{}_{}_COUNT {}u /* {} {}: {} */\n", of, kind, i, count(most->shape), name_of(most->type),
                          text_of(most->shape), c_comment(most->name));
    }
  };
  uint64_t fixed = 0, scratch = 0;
  for (const Recipe &r : sizes) fixed = std::max(fixed, r.arena), scratch = std::max(scratch, r.scratch);
  if (sizes.size() > 1) text += "\n/* Enough for every size; for one of them see below. */\n";
  arena("", fixed, scratch, "all that net2c_run uses");
  text += fmt::format("#define NET2C_INPUTS {}\n", sizes[0].inputs.size());
  counts("", "INPUT", &Recipe::inputs, sizes);
  text += fmt::format("#define NET2C_OUTPUTS {}\n", sizes[0].outputs.size());
  counts("", "OUTPUT", &Recipe::outputs, sizes);
  text += fmt::format("#define NET2C_LABELS {}\n", options.labels.size());
  for (size_t s = 0; sizes.size() > 1 && s < sizes.size(); ++s) {
    const std::string of = fmt::format("SIZE_{}_", s);
    text += fmt::format("\n/* options.size = {} */\n", s);
    arena(of, sizes[s].arena, sizes[s].scratch, "exact");
    counts(of, "INPUT", &Recipe::inputs, sizes.subspan(s, 1));
    counts(of, "OUTPUT", &Recipe::outputs, sizes.subspan(s, 1));
  }
  return text;
}

namespace {

// One size's constants and its table of steps; `of` ends the names of what is its own.
std::string tables_of(const Recipe &recipe, const Used &used, const std::string &of)
{
  std::string text, steps, notes, writes;
  size_t first = 0;
  for (size_t i = 0; i < recipe.steps.size(); ++i) {
    const Step &s = recipe.steps[i];
    const Kernel &k = catalogue()[s.kernel];
    std::string shapes;
    for (const Written &w : s.written) shapes += fmt::format(", {} {} {}", c_comment(w.name), name_of(w.type), text_of(w.shape));
    text += fmt::format("/* {}: {} -> {}{} */\nstatic const struct net2c_{}_args net2c_args{}_{} = {{", i, c_comment(s.layer), k.name, shapes,
                        k.family->name, of, i);
    const char *comma = "";
    each_field(*k.family, s.args, [&](const Field &f, std::span<const uint32_t> w) {
      text += fmt::format("{}.{} = {}", comma, f.name, value_of(f, w));
      comma = ", ";
    });
    text += "};\n";
    steps += fmt::format("  {{&net2c_args{}_{}, {}, {}}}, /* {} */\n", of, i, used.index(s.kernel), chunks_to_run(s), k.name);
    notes += fmt::format("  {{{}, {}, {}, {}}},\n", c_string(s.layer), c_string(k.name), first, s.written.size());
    for (const Written &w : s.written) writes += written(w);
    first += s.written.size();
  }
  if (writes.empty()) writes = "  {NULL, 0, 0, {0}, 0, 0, 0, 0, 0, 0, 0},\n";
  return text + fmt::format("\nstatic const struct net2c_step net2c_steps{}[] = {{\n", of) + steps +
         fmt::format("}};\n\n/* For the trace hook only. */\nstatic const struct net2c_written net2c_writes{}[] = {{\n", of) + writes +
         fmt::format("}};\nstatic const struct net2c_note net2c_notes{}[] = {{\n", of) + notes + "};\n";
}

}  // namespace

std::string tables(std::span<const Recipe> sizes, const Used &used, const EmitOptions &options)
{
  std::string text = "/* The network: constants for the kernels, a table of steps. */\n", rows;
  for (Isa isa : options.isas) text += fmt::format("#define NET2C_HAS_{}\n", name_of(isa));
  text += fmt::format("#define NET2C_STRUCTURE UINT64_C(0x{:016x})\n\n", structure_of(sizes));
  for (const Family *f : used.families) text += include_with(fmt::format("struct net2c_{}_args {{", f->name), f->folder);
  text += "\n" + ports("net2c_inputs", sizes, &Recipe::inputs) + ports("net2c_outputs", sizes, &Recipe::outputs) + labels_table(options.labels) + "\n";
  for (size_t s = 0; s < sizes.size(); ++s) {
    const std::string of = sizes.size() == 1 ? "" : fmt::format("_size{}", s);
    if (sizes.size() > 1) text += fmt::format("\n/* Size {}. */\n", s);
    text += tables_of(sizes[s], used, of);
    rows += fmt::format("  {{net2c_steps{0}, net2c_notes{0}, net2c_writes{0}, {1}, {2}u, {3}u}},\n", of, sizes[s].steps.size(), sizes[s].arena,
                        sizes[s].scratch);
  }
  return text + "\nstatic const struct net2c_size net2c_sizes[NET2C_SIZES] = {\n" + rows + "};\n";
}

std::string kernels(const Used &used)
{
  std::string text = fmt::format("#define NET2C_ACTS 0x{:x}ull\n", used.acts), table;
  for (const Family *f : used.families) text += include_with(fmt::format("void net2c_{}_body(", f->name), f->folder);
  for (KernelId k : used.kernels) {
    const Kernel &kernel = catalogue()[k];
    text += fmt::format("static void net2c_{0}(const void *args, const struct net2c_frame *f, uint32_t chunk)\n{{\n"
                        "  net2c_{1}_body((const struct net2c_{1}_args *)args, f, chunk, {2});\n}}\n",
                        kernel.name, kernel.family->name, kernel.literals);
    table += fmt::format("  net2c_{},\n", kernel.name);
  }
  return text + "extern const net2c_kernel NET2C_ISA_TABLE[];\nconst net2c_kernel NET2C_ISA_TABLE[] = {\n" + table + "};\n";
}

std::string embedded_weights(std::span<const std::byte> file)
{
  std::string text = fmt::format("_Alignas(64) static const uint64_t net2c_embedded[{}] = {{", file.size() / 8);
  for (size_t at = 0; at + 8 <= file.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, file.data() + at, 8);
    text += at % 64 ? "," : at ? ",\n" : "\n";
    text += word < 10 ? fmt::format("{}u", word) : fmt::format("0x{:x}u", word);
  }
  return text + "};\n#define NET2C_EMBEDDED\n";
}

std::string golden_tables(std::span<const Golden> sizes)
{
  auto table = [&](const char *name, const char *ports, std::vector<net2c_ref> Golden::*refs) {
    std::string text = fmt::format("static const net2c_ref {}[NET2C_SIZES][{} + 1] = {{\n", name, ports);
    for (const Golden &g : sizes) {
      text += "  {";
      for (net2c_ref r : g.*refs) text += reference(r) + ", ";
      text += "NET2C_NONE},\n";
    }
    return text + "};\n";
  };
  return table("net2c_golden_inputs", "NET2C_INPUTS", &Golden::inputs) + table("net2c_golden_outputs", "NET2C_OUTPUTS", &Golden::outputs);
}

}  // namespace net2c
