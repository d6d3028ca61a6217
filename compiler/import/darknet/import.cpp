// Sections -> Graph: each layer reads the one before it, and others by their numbers; it takes its weights from the file in turn.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "import/darknet/darknet.h"
#include "import/darknet/sections.h"

namespace net2c::darknet {

namespace {

constexpr const char *input_name = "data";

class Importer {
 public:
  Importer(const std::string &file, const std::vector<Section> &sections, const std::optional<File> &weights, const ImportOptions &options,
           bool norm_has_biases)
      : file_(file),
        sections_(sections),
        options_(options),
        norm_has_biases_(norm_has_biases),
        weights_file_(weights),
        weights_(weights),
        translation_(options, static_cast<int64_t>(weights ? weights->bytes.size() : 0), {})
  {
  }

  Imported run()
  {
    check_order();
    Operand x = add_input();
    for (size_t i = 0; i < layers(); ++i) {
      x = translate(i, x);
      if (x == absent) break;
      results_.push_back(x);
      if (section(i).type == "batchnorm") norm_channels_ += static_cast<size_t>(translation_.value(x).shape[1]);
    }
    report_unsupported();
    if (!weights_.given() && !options_.without_weights)
      fail({.file = file_}, "is a network without its weights; give its .weights file too");
    // Newer versions of Darknet keep biases for [batchnorm], too.
    if (weights_.left() && weights_.left() == norm_channels_ && !norm_has_biases_)
      return Importer(file_, sections_, weights_file_, options_, true).run();
    if (weights_.left())
      fail({.file = weights_.path()}, "has {} numbers more than the layers of {} need; is it of this network?", weights_.left(), file_);
    add_outputs();
    translation_.graph.name = file_;
    verify(translation_.graph, "import");
    PictureDefaults picture;
    picture.stated = true;
    picture.keys = picture_keys();
    return {std::move(translation_.graph), file_, {}, std::move(picture)};
  }

 private:
  size_t layers() const { return sections_.size() - 1; }
  const Section &section(size_t i) const { return sections_[i + 1]; }
  Where where(size_t i) const { return {.file = file_, .layer = name_of_layer(section(i), i), .op = fmt::format("line {}", section(i).line)}; }

  static bool is_net(const Section &s) { return s.type == "net" || s.type == "network"; }

  void check_order() const
  {
    if (sections_.empty() || !is_net(sections_[0]))
      fail({.file = file_}, "does not begin with [net], which says how large the input is; is this the whole file?");
    for (size_t i = 0; i < layers(); ++i)
      if (is_net(section(i))) fail({.file = file_}, "has a second [{}] in line {}; are these two files in one?", section(i).type, section(i).line);
    if (layers() == 0) fail({.file = file_}, "has no layers after [net]; is it cut off?");
  }

  // An option of [net]; 0: not there.
  int64_t size_of_net(const char *key) const
  {
    const std::string *text = sections_[0].find(key);
    if (!text) return 0;
    double x = 0;
    try {
      x = number_of(*text, key);
    } catch (const Error &error) {
      fail({.file = file_}, "[net]: {}", error.what());
    }
    if (x < 1 || x > 1 << 20 || x != static_cast<double>(static_cast<int64_t>(x)))
      fail({.file = file_}, "[net]: {}={}: a whole number of 1 to {} is allowed", key, *text, 1 << 20);
    return static_cast<int64_t>(x);
  }

  Operand add_input()
  {
    Shape shape{options_.batch.value_or(1), size_of_net("channels"), size_of_net("height"), size_of_net("width")};
    const int64_t inputs = size_of_net("inputs");
    const bool vector = !shape[1] && !shape[2] && !shape[3] && inputs;
    if (vector) shape = {shape[0], inputs, 1, 1};
    if (!vector && !shape[1]) fail({.file = file_}, "[net] has no channels: add channels=3 for colour pictures, 1 for grey ones");
    for (size_t d = 2; d < 4; ++d) {
      const auto of = [&](const std::pair<int64_t, int64_t> &size) { return d == 2 ? size.first : size.second; };
      if (options_.size && vector) fail({.file = file_}, "a size is given, but the input is a vector; leave the size out");
      if (options_.size) shape[d] = of(*options_.size);
      else if (!shape[d] && options_.open_size) shape[d] = of(*options_.open_size);
    }
    const auto check_name = [&](const std::string &name) {
      if (!name.empty() && name != input_name) fail({.file = file_}, "has no input '{}'; its input is: {}", name, input_name);
    };
    for (const auto &[name, given] : options_.shapes) {
      check_name(name);
      if (given.size() != 4 || given[1] != shape[1]) fail({.file = file_}, "its input is {}, but what is given for it is {}", fmt::join(shape, "x"), text_of(given));
      shape = given;
    }
    for (const auto &[name, data] : options_.constants) {
      check_name(name);
      if (data.type != Type::f32 || data.shape.size() != 4 || data.shape[1] != shape[1])
        fail({.file = file_}, "its input is f32 {}, but what is to be baked in for it is {} {}", fmt::join(shape, "x"), net2c::name_of(data.type), text_of(data.shape));
      input_shape_ = data.shape;
      return translation_.add_constant(input_name, std::make_shared<const Tensor>(data));
    }
    for (size_t d = 0; d < 4; ++d)
      if (shape[d] < 1) fail({.file = file_}, "[net] has no {}: set the size by --size HxW", d == 2 ? "height" : "width");
    try {
      count(shape);
    } catch (const Error &error) {
      fail({.file = file_}, "its input is {}: {}", fmt::join(shape, "x"), error.what());
    }
    input_shape_ = shape;
    return translation_.add_input(input_name, Type::f32, shape);
  }

  // absent: no layer after this one can be translated, because of what is not supported.
  Operand translate(size_t i, Operand previous)
  {
    const Translator translator = translator_of(section(i).type);
    if (!translator) {
      refuse(i, fmt::format("[{}]", section(i).type.substr(0, 60)));
      return previous;
    }
    Layer layer(translation_, section(i), i, results_, previous, weights_, norm_has_biases_);
    try {
      translator(layer);
    } catch (const Error &error) {
      // Only a consequence, maybe: then the kinds of the layers that are left are all that can be said.
      if (unsupported_.empty() && layer.refused().empty()) fail(where(i), "{}", error.what());
      for (size_t j = i; j < layers(); ++j)
        if (!translator_of(section(j).type)) refuse(j, fmt::format("[{}]", section(j).type.substr(0, 60)));
    }
    if (layer.head) heads_.emplace_back(name_of_layer(section(i), i), *layer.head);
    for (const std::string &form : layer.refused()) refuse(i, fmt::format("[{}] {}", section(i).type, form));
    return layer.result();
  }

  void refuse(size_t i, std::string form)
  {
    auto &[count, line] = unsupported_[std::move(form)];
    if (count++ == 0) line = section(i).line;
  }

  void report_unsupported() const
  {
    if (unsupported_.empty()) return;
    std::string list;
    for (const auto &[form, seen] : unsupported_)
      list += fmt::format("\n  {}: {} time{}, {}line {}", form, seen.first, seen.first == 1 ? "" : "s", seen.first == 1 ? "" : "first in ", seen.second);
    fail({.file = file_}, "uses what is not supported:{}\nTrain the network without these, or cut them off the end of its .cfg.", list);
  }

  // What decodes boxes, wherever it stands, and the last layer that is not there for training only.
  void add_outputs()
  {
    size_t last = layers() - 1;
    while (last > 0 && section(last).type == "cost") --last;
    for (size_t i = 0; i < layers(); ++i) {
      if (i != last && !is_head(section(i).type)) continue;
      const std::string name = name_of_layer(section(i), i);
      const Operand y = translation_.add(Unary{}, {results_[i]}, {}, name, name);
      translation_.rename(y, name);
      translation_.graph.outputs.push_back(translation_.in_graph(y));
    }
  }

  // As Darknet's own program prepares pictures, for boxes and for classes; and what the boxes are.
  std::string picture_keys() const
  {
    nlohmann::json keys{{"library", "tensorflow1_align_corners"}, {"scale", 1 / 255.0}};
    const auto outputs = static_cast<size_t>(std::count_if(sections_.begin(), sections_.end(), [](const Section &s) { return is_head(s.type); }));
    if (outputs) keys["resize"] = "letterbox", keys["round"] = "down", keys["fill"] = 127.5;
    else if (input_shape_[2] == input_shape_[3]) keys["resize"] = "short", keys["round"] = "down";
    else keys["resize"] = "stretch";
    if (heads_.empty() || heads_.size() != outputs) return keys.dump();   // only some of them would be half of the boxes
    nlohmann::json output{{"kind", "boxes"}, {"form", heads_[0].second.form}, {"activation", heads_[0].second.activation}};
    for (const auto &[name, head] : heads_) {
      if (std::string_view(head.form) != heads_[0].second.form || std::string_view(head.activation) != heads_[0].second.activation) return keys.dump();
      output["output"].push_back(name);
      output["anchors"].push_back(head.anchors);
      if (head.form == std::string_view("yolov3")) output["scale_x_y"].push_back(head.scale_x_y);
    }
    keys["output"] = std::move(output);
    return keys.dump();
  }

  const std::string &file_;
  const std::vector<Section> &sections_;   // [net], then the layers
  const ImportOptions &options_;
  const bool norm_has_biases_;
  const std::optional<File> &weights_file_;
  size_t norm_channels_ = 0;               // of [batchnorm]
  Weights weights_;
  Translation translation_;
  Shape input_shape_;
  std::vector<Operand> results_;           // of the layers
  std::vector<std::pair<std::string, Head>> heads_;   // with the name of the output
  std::map<std::string, std::pair<size_t, size_t>> unsupported_;   // form -> how often, in which line first
};

}  // namespace

Imported import_darknet(const File &cfg, const std::optional<File> &weights, const ImportOptions &options)
{
  const std::vector<Section> sections = read_cfg(cfg.path, cfg.bytes);
  return Importer(cfg.path, sections, weights, options, false).run();
}

}  // namespace net2c::darknet
