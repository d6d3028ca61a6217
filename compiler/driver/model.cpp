#include "driver/model.h"

#include <algorithm>
#include <charconv>
#include <random>

#include "base/file.h"
#include "driver/memory.h"
#include "driver/pictures.h"
#include "driver/tuning.h"
#include "graph/npy.h"
#include "import/import.h"
#include "import/onnx/onnx.h"
#include "optimise/optimise.h"

namespace net2c {

namespace {

struct Named {
  std::string name, file;   // name empty: the only input
};

Named split(const std::string &text, const char *option)
{
  const size_t at = text.find('=');
  if (at == std::string::npos) return {"", text};
  if (at == 0 || at + 1 == text.size()) fail({}, "{} {}: write NAME=FILE", option, text);
  return {text.substr(0, at), text.substr(at + 1)};
}

Tensor read_tensor(const std::string &path, const Bytes &bytes)
{
  if (bytes.size() > 6 && std::string(reinterpret_cast<const char *>(bytes.data()) + 1, 5) == "NUMPY") return read_npy(path, bytes);
  if (path.size() > 3 && path.ends_with(".pb")) return onnx::read_tensor_proto(path, bytes);
  fail({.file = path}, "is not an input that can be read; give .npy, an ONNX TensorProto (.pb), .png or .jpg");
}

std::pair<int64_t, int64_t> parse_size(const std::string &text)
{
  int64_t h = 0, w = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%ldx%ld%c", &h, &w, &rest) != 2 || h < 1 || w < 1 || h > 1 << 20 || w > 1 << 20)
    fail({}, "--size {}: write HEIGHTxWIDTH, e.g. 224x224", text);
  return {h, w};
}

int64_t parse_batch(const std::string &text)
{
  int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || n < 1 || n > 1 << 16) fail({}, "--batch {}: write a number from 1 on", text);
  return n;
}

bool parse_weights(const std::string &text)
{
  if (!text.empty() && text != "fp32" && text != "fp16") fail({}, "--weights {}: there are fp32 and fp16", text);
  return text == "fp16";
}

std::vector<std::string> read_labels(const std::string &path)
{
  std::vector<std::string> labels;
  std::string line;
  for (std::byte b : read_file(path)) {
    const char c = static_cast<char>(b);
    if (c == '\n') labels.push_back(std::exchange(line, {}));
    else if (c == '\0') fail({.file = path}, "is not a list of labels: give text, one label a line");
    else if (c != '\r') line += c;
  }
  if (!line.empty()) labels.push_back(line);
  return labels;
}

void check_labels(const Model &model, const std::string &file)
{
  const std::vector<std::string> &labels = model.labels;
  const Graph &graph = model.graph;
  if (model.results.boxes) {
    if (const uint32_t classes = model.results.heads[0].classes; labels.size() != classes)
      fail({.file = file}, "has {} lines, but boxes have {} classes; give one label a line, in the order of the classes", labels.size(), classes);
    return;
  }
  std::vector<std::string> outputs;
  for (ValueId v : graph.outputs) {
    const Value &y = graph.values[v];
    if (std::find(y.shape.begin(), y.shape.end(), static_cast<int64_t>(labels.size())) != y.shape.end()) return;
    outputs.push_back(fmt::format("'{}' is {}", y.name, text_of(y.shape)));
  }
  fail({.file = file}, "has {} lines, but no output has as many classes: {}; give one label a line, in the order of the classes", labels.size(),
       fmt::join(outputs, ", "));
}

// What the outputs mean; the picture is the first input that takes one.
void read_results(Model &model, const std::string &preprocess)
{
  for (ValueId v : model.graph.inputs) {
    const Value &input = model.graph.values[v];
    const Shape shape = of_one_image(input.shape);
    if (!fits_picture(input.type, shape)) continue;
    const net2c_picture_spec spec = read_preprocess(preprocess, input.name, input.type, shape, model.picture).spec;
    std::vector<Port> outputs;
    for (ValueId o : model.graph.outputs) {
      const Value &output = model.graph.values[o];
      const bool batch = input.shape[0] > 1 && !output.shape.empty() && output.shape[0] == input.shape[0];
      outputs.push_back({output.name, output.type, batch ? of_one_image(output.shape) : output.shape});
    }
    model.picture_width = model.input_width = spec.width, model.picture_height = model.input_height = spec.height;
    model.place = {0, 0, spec.width, spec.height, spec.width, spec.height, 0, 0};
    model.results = read_postprocess(preprocess_keys(preprocess, model.picture), outputs, spec.height, spec.width, model.labels.size());
    return;
  }
}

struct Given {   // one --input
  Named named;
  Bytes bytes;
  bool picture = false;
  Tensor tensor;
};

// Reads the inputs, and notes what they say about sizes that the model leaves open.
std::vector<Given> read_inputs(const ModelOptions &options, ImportOptions &import)
{
  std::vector<Given> all;
  for (const std::string &text : options.inputs) {
    Given g{split(text, "--input"), {}, false, {}};
    for (const Given &other : all)
      if (other.named.name == g.named.name)
        fail({}, "--input {}: {} is given twice", text, g.named.name.empty() ? "an input without a name" : "'" + g.named.name + "'");
    g.bytes = read_file(g.named.file);
    g.picture = is_picture(g.bytes);
    if (g.picture) {
      const Picture p = read_picture(g.named.file, g.bytes);
      if (options.preprocess.empty()) import.open_size = {p.height, p.width};
    } else {
      g.tensor = read_tensor(g.named.file, g.bytes);
      import.shapes[g.named.name] = g.tensor.shape;
    }
    all.push_back(std::move(g));
  }
  if (!options.preprocess.empty()) import.open_size = crop_of(options.preprocess);
  return all;
}

std::vector<Tensor> inputs_of(Model &model, const ModelOptions &options, std::vector<Given> given)
{
  const Graph &graph = model.graph;
  std::vector<Tensor> inputs(graph.inputs.size());
  std::vector<bool> filled(inputs.size());
  std::vector<std::string> names;
  for (ValueId v : graph.inputs) names.push_back(graph.values[v].name);
  for (Given &g : given) {
    size_t at = static_cast<size_t>(std::find(names.begin(), names.end(), g.named.name) - names.begin());
    if (g.named.name.empty() && names.size() == 1) at = 0;
    if (at == names.size())
      fail({.file = model.file}, "{}; its inputs are: {}",
           g.named.name.empty() ? "say which input " + g.named.file + " is for (NAME=FILE)" : "there is no input '" + g.named.name + "'",
           fmt::join(names, ", "));
    const Value &input = graph.values[graph.inputs[at]];
    if (g.picture) {
      PictureInput p = read_picture_input(g.named.file, options.preprocess, model.picture, {input.name, input.type, input.shape});
      model.picture_width = p.picture_width, model.picture_height = p.picture_height;
      model.input_width = p.input_width, model.input_height = p.input_height;
      model.place = p.place;
      g.tensor = std::move(p.tensor);
    }
    inputs[at] = std::move(g.tensor);
    if (inputs[at].type != input.type || inputs[at].shape != input.shape)
      fail({.file = g.named.file}, "holds {} {}; input '{}' takes {} {}", name_of(inputs[at].type), text_of(inputs[at].shape), input.name,
           name_of(input.type), text_of(input.shape));
    filled[at] = true;
  }
  for (size_t i = 0; i < filled.size(); ++i)
    if (!filled[i]) fail({.file = model.file}, "input '{}' is not given; add --input {}=FILE", names[i], names[i]);
  return inputs;
}

}  // namespace

PictureInput read_picture_input(const std::string &path, const std::string &preprocess, const PictureDefaults &defaults, const Port &input)
{
  const Picture p = read_picture(path, read_file(path));
  if (!fits_picture(input.type, input.shape) && input.shape.size() == 4 && input.type != Type::f32 && input.type != Type::u8)
    fail({.file = path}, "is a picture; input '{}' takes {}: give it as .npy", input.name, name_of(input.type));
  const Preprocess pre = read_preprocess(preprocess, input.name, input.type, input.shape, defaults);
  const net2c_picture_spec &spec = pre.spec;
  if (preprocess.empty() && !resizes(spec) && !defaults.cropped && (p.width != spec.width || p.height != spec.height))
    fail({.file = path}, "is {}x{} pixels (height x width), input '{}' is {}x{}; resize it, or say how with --preprocess", p.height, p.width,
         input.name, spec.height, spec.width);
  std::vector<std::byte> scratch(net2c_picture_scratch(&spec, p.width, p.height));
  PictureInput in{Tensor(input.type, input.shape), p.width, p.height, spec.width, spec.height, {}};
  if (scratch.empty() || net2c_picture_prepare(&spec, pre.mean.data(), p.rgb.data(), p.width, p.height, size_t{p.width} * 3, 3, scratch.data(),
                                               in.tensor.bytes.data()))
    fail({.file = path}, "is {}x{} pixels, too small for the crop of {}x{}; add resize_short to --preprocess", p.height, p.width, spec.height,
         spec.width);
  net2c_picture_place(&spec, p.width, p.height, &in.place);
  return in;
}

Model load(const ModelOptions &options, Progress &progress)
{
  ImportOptions import = options.import;
  if (!options.size.empty()) import.size = parse_size(options.size);
  if (!options.batch.empty()) import.batch = parse_batch(options.batch);
  Model model;
  if (!options.max_memory.empty()) model.max_memory = parse_memory(options.max_memory);
  model.speeds.times = options.times.empty() ? times_of(options.tuned, options.isas) : options.times;
  model.speeds.avx512 = options.isas.empty() || std::ranges::find(options.isas, Isa::avx512) != options.isas.end();
  model.halves = parse_weights(options.weights);
  for (const std::string &text : options.constants) {
    const Named c = split(text, "--const");
    if (c.name.empty()) fail({}, "--const {}: write NAME=FILE", text);
    if (!import.constants.emplace(c.name, read_tensor(c.file, read_file(c.file))).second) fail({}, "--const {}: '{}' is given twice", text, c.name);
  }
  std::vector<Given> given = read_inputs(options, import);

  progress.stage(fmt::format("importing {}", fmt::join(options.files, " ")));
  Imported imported = import_model(options.files, import);
  model.graph = std::move(imported.graph);
  model.file = std::move(imported.file);
  model.picture = std::move(imported.picture);
  const std::string &labels_file = options.labels.empty() ? imported.labels_file : options.labels;
  if (!labels_file.empty()) model.labels = read_labels(labels_file);
  if (!options.preprocess.empty() || !model.picture.keys.empty()) read_results(model, options.preprocess);
  if (!labels_file.empty()) check_labels(model, labels_file);
  if (!given.empty()) model.inputs = inputs_of(model, options, std::move(given));

  model.optimised = model.graph;
  optimise(model.optimised, [&](const char *pass, int) { progress.stage(std::string("optimising: ") + pass); });
  return model;
}

Recipe recipe_of(const Model &model, Progress &progress)
{
  progress.stage("planning " + model.optimised.name);
  WeightsPool pool;
  pool.halves = model.halves;
  Recipe recipe = lower_within(model.optimised, pool, model.max_memory, 0, model.speeds);
  if (memory_of(recipe, pool.bytes.size()) > model.max_memory) fail_memory(model.file, recipe, pool.bytes.size(), model.max_memory);
  recipe.weights = std::move(pool.bytes);
  return recipe;
}

std::vector<Tensor> random_inputs(const Graph &graph)
{
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<Tensor> inputs;
  for (ValueId v : graph.inputs) {
    Tensor t(graph.values[v].type, graph.values[v].shape);
    switch (t.type) {
      case Type::f32:
        for (float &x : t.as<float>()) x = static_cast<float>(uniform(random));
        break;
      case Type::f64:
        for (double &x : t.as<double>()) x = uniform(random);
        break;
      case Type::u8:
        for (uint8_t &x : t.as<uint8_t>()) x = static_cast<uint8_t>(random());
        break;
      default: break;   // zeros: integers are mostly indices and sizes
    }
    inputs.push_back(std::move(t));
  }
  return inputs;
}

}  // namespace net2c
