// One form for the three versions that Caffe's networks have: `layers` around a flat `layer` (V0), `layers` with types in
// capitals (V1), `layer` with types in quotes (V2); and of all layers those that inference has.
#include <algorithm>
#include <unordered_map>

#include "import/caffe/records.h"

namespace net2c::caffe {

namespace {

struct V1Type {
  int number;
  const char *word, *today;
};
constexpr V1Type v1_types[] = {{35, "ABSVAL", "AbsVal"},
                               {1, "ACCURACY", "Accuracy"},
                               {30, "ARGMAX", "ArgMax"},
                               {2, "BNLL", "BNLL"},
                               {3, "CONCAT", "Concat"},
                               {37, "CONTRASTIVE_LOSS", "ContrastiveLoss"},
                               {4, "CONVOLUTION", "Convolution"},
                               {5, "DATA", "Data"},
                               {39, "DECONVOLUTION", "Deconvolution"},
                               {6, "DROPOUT", "Dropout"},
                               {32, "DUMMY_DATA", "DummyData"},
                               {7, "EUCLIDEAN_LOSS", "EuclideanLoss"},
                               {25, "ELTWISE", "Eltwise"},
                               {38, "EXP", "Exp"},
                               {8, "FLATTEN", "Flatten"},
                               {9, "HDF5_DATA", "HDF5Data"},
                               {10, "HDF5_OUTPUT", "HDF5Output"},
                               {28, "HINGE_LOSS", "HingeLoss"},
                               {11, "IM2COL", "Im2col"},
                               {12, "IMAGE_DATA", "ImageData"},
                               {13, "INFOGAIN_LOSS", "InfogainLoss"},
                               {14, "INNER_PRODUCT", "InnerProduct"},
                               {15, "LRN", "LRN"},
                               {29, "MEMORY_DATA", "MemoryData"},
                               {16, "MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss"},
                               {34, "MVN", "MVN"},
                               {17, "POOLING", "Pooling"},
                               {26, "POWER", "Power"},
                               {18, "RELU", "ReLU"},
                               {19, "SIGMOID", "Sigmoid"},
                               {27, "SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"},
                               {36, "SILENCE", "Silence"},
                               {20, "SOFTMAX", "Softmax"},
                               {21, "SOFTMAX_LOSS", "SoftmaxWithLoss"},
                               {22, "SPLIT", "Split"},
                               {33, "SLICE", "Slice"},
                               {23, "TANH", "TanH"},
                               {24, "WINDOW_DATA", "WindowData"},
                               {31, "THRESHOLD", "Threshold"}};

const std::unordered_map<std::string_view, const char *> v0_types = {{"accuracy", "Accuracy"},
                                                                     {"bnll", "BNLL"},
                                                                     {"concat", "Concat"},
                                                                     {"conv", "Convolution"},
                                                                     {"data", "Data"},
                                                                     {"dropout", "Dropout"},
                                                                     {"euclidean_loss", "EuclideanLoss"},
                                                                     {"flatten", "Flatten"},
                                                                     {"hdf5_data", "HDF5Data"},
                                                                     {"hdf5_output", "HDF5Output"},
                                                                     {"images", "ImageData"},
                                                                     {"infogain_loss", "InfogainLoss"},
                                                                     {"innerproduct", "InnerProduct"},
                                                                     {"lrn", "LRN"},
                                                                     {"multinomial_logistic_loss", "MultinomialLogisticLoss"},
                                                                     {"padding", "Padding"},
                                                                     {"pool", "Pooling"},
                                                                     {"relu", "ReLU"},
                                                                     {"sigmoid", "Sigmoid"},
                                                                     {"softmax", "Softmax"},
                                                                     {"softmax_loss", "SoftmaxWithLoss"},
                                                                     {"split", "Split"},
                                                                     {"tanh", "TanH"},
                                                                     {"window_data", "WindowData"}};

constexpr std::pair<const char *, const char *> v0_fields[] = {{"biasterm", "bias_term"},
                                                               {"kernelsize", "kernel_size"},
                                                               {"cropsize", "crop_size"},
                                                               {"meanfile", "mean_file"},
                                                               {"batchsize", "batch_size"}};

std::string type_of_v1(const Field &type)
{
  for (const V1Type &t : v1_types)
    if (type.kind == Field::Kind::integer ? t.number == type.integer : t.word == type.text) return t.today;
  return type.kind == Field::Kind::integer ? fmt::format("number {}", type.integer) : type.text;
}

struct State {
  int64_t level = 0;
  std::vector<std::string> stages;
};

bool is_test(const Field &phase) { return phase.kind == Field::Kind::integer ? phase.integer == 1 : phase.text == "TEST"; }

bool meets(const Message &rule, const State &state)
{
  if (const Field *phase = rule.find("phase"); phase && !is_test(*phase)) return false;
  if (const Field *level = rule.find("min_level"); level && state.level < integer_of(*level)) return false;
  if (const Field *level = rule.find("max_level"); level && state.level > integer_of(*level)) return false;
  const auto has = [&](const std::string &stage) {
    return std::find(state.stages.begin(), state.stages.end(), stage) != state.stages.end();
  };
  const std::vector<std::string> all = rule.texts("stage"), not_any = rule.texts("not_stage");
  return std::all_of(all.begin(), all.end(), has) && std::none_of(not_any.begin(), not_any.end(), has);
}

bool included(const Message &layer, const State &state)
{
  const auto include = layer.messages("include"), exclude = layer.messages("exclude");
  const auto met = [&](const Message *rule) { return meets(*rule, state); };
  if (!include.empty()) return std::any_of(include.begin(), include.end(), met);
  return std::none_of(exclude.begin(), exclude.end(), met);
}

std::string text_at(const Message &m, std::string_view name)
{
  const Field *f = m.find(name);
  return f && f->kind != Field::Kind::message ? f->text : "";
}

std::vector<Blob> blobs_of(const Message &m)
{
  std::vector<Blob> blobs = m.blobs;
  for (const Message *text : m.messages("blobs")) blobs.push_back(blob_of(*text));
  return blobs;
}

LayerRecord layer_of(const std::shared_ptr<const Message> &m, bool old)
{
  LayerRecord layer{text_at(*m, "name"), text_at(*m, "type"), m->texts("bottom"), m->texts("top"), blobs_of(*m), m, false};
  if (!old) return layer;
  if (const Message *inner = m->message("layer")) {
    auto flat = std::make_shared<Message>(*inner);
    for (Field &f : flat->fields)
      for (const auto &[was, is] : v0_fields)
        if (f.name == was) f.name = is;
    layer.name = text_at(*flat, "name");
    const std::string type = text_at(*flat, "type");
    const auto known = v0_types.find(type);
    layer.type = known == v0_types.end() ? type : known->second;
    if (layer.blobs.empty()) layer.blobs = blobs_of(*flat);
    layer.message = flat;
    layer.flat = true;
  } else if (const Field *type = m->find("type"); type && type->kind != Field::Kind::text) {
    layer.type = type_of_v1(*type);
  }
  return layer;
}

std::vector<InputRecord> inputs_of(const std::string &file, const Message &net)
{
  std::vector<InputRecord> inputs;
  for (const std::string &name : net.texts("input")) inputs.push_back({name, {}});
  Ints dims;
  for (const Field &f : net.fields)
    if (f.name == "input_dim") dims.push_back(integer_of(f));
  const auto shapes = net.messages("input_shape");
  if (!dims.empty() && dims.size() != 4 * inputs.size())
    fail({.file = file}, "has {} input_dim for {} input{}; every input has four", dims.size(), inputs.size(),
         inputs.size() == 1 ? "" : "s");
  if (!shapes.empty() && shapes.size() != inputs.size())
    fail({.file = file}, "has {} input_shape for {} input{}", shapes.size(), inputs.size(), inputs.size() == 1 ? "" : "s");
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!dims.empty())
      inputs[i].shape.assign(dims.begin() + static_cast<std::ptrdiff_t>(4 * i),
                             dims.begin() + static_cast<std::ptrdiff_t>(4 * i + 4));
    else if (!shapes.empty()) inputs[i].shape = shape_of(*shapes[i]);
  return inputs;
}

}  // namespace

NetRecord net_of(const std::string &file, const Message &m, bool all_phases)
{
  NetRecord net{.name = text_at(m, "name"), .inputs = {}, .layers = {}};
  State state;
  try {
    net.inputs = inputs_of(file, m);
    if (const Message *given = m.message("state")) {
      if (const Field *level = given->find("level")) state.level = integer_of(*level);
      state.stages = given->texts("stage");
    }
  } catch (const Error &error) {
    fail({.file = file}, "{}", error.what());
  }
  for (const Field &f : m.fields) {
    if ((f.name != "layer" && f.name != "layers") || !f.message) continue;
    const Where where{.file = file, .layer = text_at(*f.message, "name"), .op = text_at(*f.message, "type")};
    try {
      if (all_phases || included(*f.message, state)) net.layers.push_back(layer_of(f.message, f.name == "layers"));
    } catch (const Error &error) {
      fail(where, "{}", error.what());
    }
  }
  return net;
}

}  // namespace net2c::caffe
