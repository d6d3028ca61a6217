#include "emit/emit.h"

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

}  // namespace

Bytes weights_file(const Recipe &recipe)
{
  Bytes file(weights_file_bytes(recipe));
  net2c_weights_header header{};
  constexpr unsigned char magic[] = NET2C_WEIGHTS_MAGIC;
  std::memcpy(header.magic, magic, sizeof magic);
  header.format = NET2C_WEIGHTS_FORMAT;
  header.byte_order = 0x01020304;
  header.structure = recipe.structure;
  header.bytes = file.size() - sizeof header;
  if (!recipe.weights.empty()) std::memcpy(file.data() + sizeof header, recipe.weights.data(), recipe.weights.size());
  header.checksum = net2c_weights_checksum(file.data() + sizeof header, header.bytes);
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

Bundle emit(const Recipe &recipe, const EmitOptions &given)
{
  EmitOptions options = given;
  if (recipe.steps.empty()) fail({.file = recipe.name}, "the network computes nothing: it has no steps");
  if (options.isas.empty())
    for (Isa isa : {Isa::portable, Isa::avx2, Isa::avx512, Isa::neon})
      if (has_kernels(isa)) options.isas.push_back(isa);
  for (Isa isa : options.isas)
    if (!has_kernels(isa)) fail({}, "this build of net2c has no kernels for {}; leave it out of --isa", name_of(isa));

  Bundle bundle;
  bundle.name = c_identifier(options.name.empty() ? recipe.name : options.name);
  const std::string &name = bundle.name;
  const Used used(recipe);
  auto add = [&](const std::string &file, const std::string &text) {
    const auto *data = reinterpret_cast<const std::byte *>(text.data());
    bundle.files.push_back({file, Bytes(data, data + text.size())});
  };
  const std::string about = fmt::format("/* {}: made by net2c{}. Yours without conditions (MIT-0, see LICENSE). */\n", name,
                                        options.source.empty() ? "" : " from " + c_comment(options.source));
  auto add_c = [&](const std::string &file, const std::string &text) { add(file, about + renamed(text, name)); };
  const std::string header = fmt::format("#include \"{}.h\"\n", name);

  Flattener api;
  api.overrides["runtime/bundle/figures.inc"] = figures(recipe, options);
  api.overrides["runtime/bundle/picture.inc"] = picture_api(options);
  add_c(name + ".h", "#ifndef NET2C_BUNDLE_H\n#define NET2C_BUNDLE_H\n\n" + api.file("runtime/bundle/api.h") + "\n#endif\n");

  Flattener core;
  core.overrides["runtime/bundle/api.h"] = header;
  core.overrides["runtime/bundle/tables.inc"] = tables(recipe, used, options);
  core.overrides["runtime/bundle/picture_body.inc"] = picture_body(options);
  if (options.picture && options.picture->boxes) core.overrides["runtime/results/box.h"] = "";   // in the public header
  add_c(name + ".c", core.file("runtime/bundle/net.c"));

  for (Isa isa : options.isas)
    for (const auto &[path, source] : embedded_sources()) {
      if (!path.starts_with("kernels/isa/") || !path.ends_with(".c")) continue;
      const std::string stem = path.substr(12, path.size() - 14);
      if (stem != name_of(isa) && !stem.starts_with(std::string(name_of(isa)) + "_")) continue;
      Flattener kernels;
      for (const auto &[other, ignored] : embedded_sources())   // a variant includes the file that it varies
        if (other.starts_with("kernels/isa/") && other.ends_with(".c") && other != path)
          kernels.overrides[other] = fmt::format("#include \"{}_{}\"\n", name, other.substr(12));
      kernels.overrides["kernels/catalogue.def"] = catalogue_lines(used);
      kernels.overrides["kernels/families.h"] = family_bodies(used);
      add_c(fmt::format("{}_{}.c", name, stem), kernels.file(path));
    }

  Flattener example;
  example.overrides["runtime/bundle/api.h"] = header;
  example.overrides["runtime/bundle/name.inc"] = fmt::format("#define NET2C_NAME \"{}\"\n", name);
  add_c("main.c", example.file("runtime/bundle/main.c"));
  std::string sources;
  for (const BundleFile &f : bundle.files)
    if (f.name.ends_with(".c") && f.name != "main.c") sources += " " + f.name;
  std::string cmake = renamed(embedded_source("runtime/bundle/CMakeLists.txt.in"), name);
  for (size_t at; (at = cmake.find("@SOURCES@")) != std::string::npos;) cmake.replace(at, 9, sources.substr(1));
  for (size_t at; (at = cmake.find("@NAME@")) != std::string::npos;) cmake.replace(at, 6, name);
  add("CMakeLists.txt", cmake);
  add("LICENSE", embedded_source("runtime/bundle/LICENSE.in"));
  add("net.json", network_json(recipe, options, name));
  bundle.files.push_back({name + ".weights", weights_file(recipe)});
  return bundle;
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
