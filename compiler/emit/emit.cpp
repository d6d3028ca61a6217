#include "emit/emit.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "emit/sources.h"
#include "emit/tables.h"
#include "emit/text.h"
#include "runtime/weights.h"

namespace net2c {

namespace {

std::string isa_source(const std::string &stem) { return "kernels/isa/" + stem + ".c"; }

bool has_kernels(Isa isa) { return embedded_sources().count(isa_source(name_of(isa))) != 0; }

// What the outputs of NAME_self_test need, each at a multiple of 64 bytes.
std::string self_test_figures(std::span<const Recipe> sizes)
{
  uint64_t most = 0;
  for (const Recipe &r : sizes) {
    uint64_t bytes = 0;
    for (const Port &p : r.outputs) bytes += (static_cast<uint64_t>(count(p.shape)) * size_of(p.type) + 63) / 64 * 64;
    most = std::max(most, bytes);
  }
  return fmt::format("#define NET2C_SELF_TEST_BYTES ((size_t){}u)\n", most);
}

constexpr size_t single_file_limit = size_t{4} << 20;

// The sources of the ISAs' kernels, e.g. portable and portable_fma.
std::vector<std::string> stems_of(const std::vector<Isa> &isas)
{
  std::vector<std::string> stems;
  for (Isa isa : isas)
    for (const auto &[path, source] : embedded_sources()) {
      if (!path.starts_with("kernels/isa/") || !path.ends_with(".c")) continue;
      const std::string stem = path.substr(12, path.size() - 14);
      if (stem == name_of(isa) || stem.starts_with(std::string(name_of(isa)) + "_")) stems.push_back(stem);
    }
  return stems;
}

struct Writer {
  std::span<const Recipe> sizes;
  const EmitOptions &options;
  const Used &used;
  const Bytes &weights;
  const std::string &name;
  Bundle bundle;

  void add(const std::string &file, const std::string &text)
  {
    const auto *data = reinterpret_cast<const std::byte *>(text.data());
    bundle.files.push_back({file, Bytes(data, data + text.size())});
  }
  void add_c(const std::string &file, const std::string &text)
  {
    add(file, fmt::format("/* {}: made by net2c{}. Yours without conditions (MIT-0{}). */\n", name,
                          options.source.empty() ? "" : " from " + c_comment(options.source), options.single_file ? "" : ", see LICENSE") +
                  renamed(text, name));
  }
  std::string include_header() const { return fmt::format("#include \"{}.h\"\n", name); }

  void header()
  {
    Flattener api;
    api.overrides["runtime/bundle/figures.inc"] = figures(sizes, weights.size(), options);
    api.overrides["runtime/bundle/picture.inc"] = picture_api(options);
    api.overrides["runtime/bundle/self_test.inc"] = options.golden.empty() ? "" : self_test_figures(sizes) + embedded_source("runtime/bundle/self_test_api.h");
    add_c(name + ".h", "#ifndef NET2C_BUNDLE_H\n#define NET2C_BUNDLE_H\n\n" + api.file("runtime/bundle/api.h") + "\n#endif\n");
  }

  Flattener core_sources() const
  {
    Flattener core;
    core.overrides["runtime/bundle/api.h"] = include_header();
    core.overrides["runtime/bundle/tables.inc"] = tables(sizes, used, options);
    core.overrides["runtime/bundle/embedded.inc"] = options.single_file ? embedded_weights(weights) : "";
    core.overrides["runtime/bundle/picture_body.inc"] = picture_body(options);
    if (!options.pictures.empty() && options.pictures[0].boxes) core.overrides["runtime/results/box.h"] = "";   // in the public header
    core.overrides["runtime/bundle/self_test_body.inc"] =
        options.golden.empty() ? "" : golden_tables(options.golden) + "#include \"runtime/bundle/self_test.c\"\n";
    return core;
  }

  void core() { add_c(name + ".c", core_sources().file("runtime/bundle/net.c")); }

  void kernels(const std::string &stem)
  {
    const std::string own = "kernels/isa/" + stem + ".c";
    Flattener flattener;
    for (const auto &[other, ignored] : embedded_sources())   // a variant includes the file that it varies
      if (other.starts_with("kernels/isa/") && other.ends_with(".c") && other != own)
        flattener.overrides[other] = fmt::format("#include \"{}_{}\"\n", name, other.substr(12));
    flattener.overrides["kernels/isa.h"] = net2c::kernels(used);
    add_c(fmt::format("{}_{}.c", name, stem), flattener.file(own));
  }

  std::string example_source() const
  {
    Flattener example;
    example.overrides["runtime/bundle/api.h"] = options.single_file ? "" : include_header();
    example.overrides["runtime/bundle/name.inc"] = fmt::format("#define NET2C_NAME \"{}\"\n", name);
    return example.file("runtime/bundle/main.c");
  }

  void example()
  {
    add_c("main.c", example_source());
    std::string c_files;
    for (const BundleFile &f : bundle.files)
      if (f.name.ends_with(".c") && f.name != "main.c") c_files += " " + f.name;
    std::string cmake = renamed(embedded_source("runtime/bundle/CMakeLists.txt.in"), name);
    for (size_t at; (at = cmake.find("@SOURCES@")) != std::string::npos;) cmake.replace(at, 9, c_files.substr(1));
    for (size_t at; (at = cmake.find("@NAME@")) != std::string::npos;) cmake.replace(at, 6, name);
    add("CMakeLists.txt", cmake);
  }

  // The core, then a part for each ISA, which shares the core's types and has all other names to itself.
  void single_file()
  {
    Flattener flattener = core_sources();
    const std::string core = flattener.file("runtime/bundle/net.c");
    std::string text = core;
    for (const std::string &stem : stems_of(options.isas)) {
      Flattener part = flattener;
      part.overrides["kernels/isa.h"] = net2c::kernels(used);
      text += "\n" + apart(part.file("kernels/isa/" + stem + ".c"), core, stem);
    }
    text += "\n#if defined(NET2C_EXAMPLE) /* a program to try the network with: cc -O2 -DNET2C_EXAMPLE " + name + ".c -pthread */\n#define NET2C_LINKED\n" +
            example_source() + "#endif\n";
    add_c(name + ".c", text);
  }
};

// Sizes may differ in nothing that an app relies on.
void check_ports(const Recipe &a, const Recipe &b)
{
  for (const auto ports : {&Recipe::inputs, &Recipe::outputs}) {
    bool same = (a.*ports).size() == (b.*ports).size();
    for (size_t i = 0; same && i < (a.*ports).size(); ++i)
      same = (a.*ports)[i].name == (b.*ports)[i].name && (a.*ports)[i].type == (b.*ports)[i].type;
    if (!same) fail({.file = b.name}, "its inputs and outputs are others at one size than at another; compile the sizes apart");
  }
}

}  // namespace

Bytes weights_file(std::span<const Recipe> sizes, std::span<const std::byte> weights)
{
  Bytes file(weights_file_bytes(weights.size()));
  net2c_weights_header header{};
  constexpr unsigned char magic[] = NET2C_WEIGHTS_MAGIC;
  std::memcpy(header.magic, magic, sizeof magic);
  header.format = NET2C_WEIGHTS_FORMAT;
  header.byte_order = 0x01020304;
  header.structure = structure_of(sizes);
  header.bytes = file.size() - sizeof header;
  if (!weights.empty()) std::memcpy(file.data() + sizeof header, weights.data(), weights.size());
  header.checksum = net2c_weights_checksum(file.data() + sizeof header, header.bytes);
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

uint64_t weights_file_bytes(uint64_t weights) { return 64 + (weights + 63) / 64 * 64 + 64; }

Bytes weights_file(const Recipe &recipe) { return weights_file({&recipe, 1}, recipe.weights); }

Bundle emit(const Recipe &recipe, const EmitOptions &options) { return emit({&recipe, 1}, recipe.weights, options); }

Bundle emit(std::span<const Recipe> sizes, std::span<const std::byte> weights, const EmitOptions &given)
{
  EmitOptions options = given;
  const Recipe &recipe = sizes[0];
  for (const Recipe &r : sizes) {
    if (r.steps.empty()) fail({.file = r.name}, "the network computes nothing: it has no steps");
    check_ports(recipe, r);
  }
  if (options.isas.empty())
    for (Isa isa : all_isas)
      if (has_kernels(isa)) options.isas.push_back(isa);
  for (Isa isa : options.isas)
    if (!has_kernels(isa)) fail({}, "this build of net2c has no kernels for {}; leave it out of --isa", name_of(isa));

  const Used used(sizes);
  Bytes weights_bytes = weights_file(sizes, weights);
  if (options.single_file && weights_bytes.size() > single_file_limit)
    fail({.file = recipe.name}, "has {} bytes of packed weights; a single file of C holds up to {}. Leave --single-file out", weights_bytes.size(),
         single_file_limit);
  const std::string name = c_identifier(options.name.empty() ? recipe.name : options.name);
  Writer writer{sizes, options, used, weights_bytes, name, {name, {}}};
  writer.header();
  if (options.single_file) {
    writer.single_file();
    return std::move(writer.bundle);
  }
  writer.core();
  for (const std::string &stem : stems_of(options.isas)) writer.kernels(stem);
  writer.example();
  writer.add("LICENSE", embedded_source("runtime/bundle/LICENSE.in"));
  writer.add("net.json", network_json(sizes, weights_bytes.size(), options, name));
  writer.bundle.files.push_back({name + ".weights", std::move(weights_bytes)});
  return std::move(writer.bundle);
}

void write_bundle(const Bundle &bundle, const std::string &folder)
{
  namespace fs = std::filesystem;
  const bool made = !fs::exists(folder);
  std::vector<fs::path> written;
  make_folder(folder);
  try {
    for (const BundleFile &f : bundle.files) {
      const fs::path path = fs::path(folder) / f.name;
      const bool fresh = !fs::exists(path);
      write_file(path.string(), f.bytes);
      if (fresh) written.push_back(path);
    }
  } catch (...) {
    std::error_code ignored;
    for (const fs::path &path : written) fs::remove(path, ignored);
    if (made) fs::remove(folder, ignored);
    throw;
  }
}

}  // namespace net2c
