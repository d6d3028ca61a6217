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

std::string ports(const char *table, const std::vector<Port> &all)
{
  std::string text = fmt::format("const struct net2c_port {}[] = {{\n", table);
  for (const Port &p : all)
    text += fmt::format("  {{{}, {}, {}, {}, {}}},\n", c_string(p.name), type_of(p.type), p.shape.size(), dims_of(p.shape),
                        static_cast<uint64_t>(count(p.shape)) * size_of(p.type));
  if (all.empty()) text += "  {NULL, 0, 0, {0}, 0},\n";
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

Used::Used(const Recipe &recipe)
{
  for (const Step &s : recipe.steps) kernels.push_back(s.kernel);
  std::sort(kernels.begin(), kernels.end());
  kernels.erase(std::unique(kernels.begin(), kernels.end()), kernels.end());
  for (KernelId k : kernels)
    if (const Family *f = catalogue()[k].family; std::find(families.begin(), families.end(), f) == families.end()) families.push_back(f);
}

uint32_t Used::index(KernelId kernel) const
{
  return static_cast<uint32_t>(std::lower_bound(kernels.begin(), kernels.end(), kernel) - kernels.begin());
}

uint64_t weights_file_bytes(const Recipe &recipe) { return 64 + (recipe.weights.size() + 63) / 64 * 64 + 64; }

std::string figures(const Recipe &recipe, const EmitOptions &options)
{
  std::string text = fmt::format(
      "#define NET2C_WEIGHTS_BYTES ((size_t){}u) /* of the .weights file */\n"
      "#define NET2C_ARENA_BYTES(workers) ((size_t){}u + (size_t){}u * (size_t)(workers)) /* all that net2c_run uses */\n",
      weights_file_bytes(recipe), recipe.arena, recipe.scratch);
  auto ports = [&](const char *kind, const std::vector<Port> &all) {
    text += fmt::format("#define NET2C_{}S {}\n", kind, all.size());
    for (size_t i = 0; i < all.size(); ++i)
      text += fmt::format("#define NET2C_{}_{}_COUNT {}u /* {} {}: {} */\n", kind, i, count(all[i].shape), name_of(all[i].type),
                          text_of(all[i].shape), c_comment(all[i].name));
  };
  ports("INPUT", recipe.inputs);
  ports("OUTPUT", recipe.outputs);
  return text + fmt::format("#define NET2C_LABELS {}\n", options.labels.size());
}

std::string tables(const Recipe &recipe, const Used &used, const EmitOptions &options)
{
  std::string text = "/* The network: constants for the kernels, a table of steps. */\n";
  for (Isa isa : options.isas) text += fmt::format("#define NET2C_HAS_{}\n", name_of(isa));
  text += fmt::format("#define NET2C_STEPS {}u\n#define NET2C_SCRATCH_BYTES {}u\n#define NET2C_STRUCTURE UINT64_C(0x{:016x})\n\n",
                      recipe.steps.size(), recipe.scratch, recipe.structure);
  for (const Family *f : used.families) text += include_with(fmt::format("struct net2c_{}_args {{", f->name), f->folder);
  text += "\n" + ports("net2c_inputs", recipe.inputs) + ports("net2c_outputs", recipe.outputs) + labels_table(options.labels) + "\n";
  std::string steps, notes, writes;
  size_t first = 0;
  for (size_t i = 0; i < recipe.steps.size(); ++i) {
    const Step &s = recipe.steps[i];
    const Kernel &k = catalogue()[s.kernel];
    std::string shapes;
    for (const Written &w : s.written) shapes += fmt::format(", {} {} {}", c_comment(w.name), name_of(w.type), text_of(w.shape));
    text += fmt::format("/* {}: {} -> {}{} */\nstatic const struct net2c_{}_args net2c_args_{} = {{", i, c_comment(s.layer), k.name, shapes,
                        k.family->name, i);
    const char *comma = "";
    each_field(*k.family, s.args, [&](const Field &f, std::span<const uint32_t> w) {
      text += fmt::format("{}.{} = {}", comma, f.name, value_of(f, w));
      comma = ", ";
    });
    text += "};\n";
    steps += fmt::format("  {{&net2c_args_{}, {}, {}}}, /* {} */\n", i, used.index(s.kernel), s.chunks, k.name);
    notes += fmt::format("  {{{}, {}, {}, {}}},\n", c_string(s.layer), c_string(k.name), first, s.written.size());
    for (const Written &w : s.written) writes += written(w);
    first += s.written.size();
  }
  if (writes.empty()) writes = "  {NULL, 0, 0, {0}, 0, 0, 0, 0, 0, 0, 0},\n";
  return text + "\nstatic const struct net2c_step net2c_steps[NET2C_STEPS] = {\n" + steps +
         "};\n\n/* For the trace hook only. */\nstatic const struct net2c_written net2c_writes[] = {\n" + writes +
         "};\nstatic const struct net2c_note net2c_notes[NET2C_STEPS] = {\n" + notes + "};\n";
}

std::string catalogue_lines(const Used &used)
{
  std::string text;
  for (KernelId k : used.kernels) {
    const Kernel &kernel = catalogue()[k];
    text += fmt::format("NET2C_KERNEL({}, {}, {})\n", kernel.name, kernel.family->name, kernel.literals);
  }
  return text;
}

std::string family_bodies(const Used &used)
{
  std::string text;
  for (const Family *f : used.families)
    text += include_with(fmt::format("void net2c_{}_body(", f->name), f->folder);
  return text;
}

}  // namespace net2c
