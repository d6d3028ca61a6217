// Records -> Graph: blobs are resolved in the order of the layers, what only training needs is left out, weights are found by
// the layers' names.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "import/caffe/caffe.h"
#include "import/caffe/inputs.h"
#include "import/caffe/layer.h"

namespace net2c::caffe {

namespace {

bool is_one_of(const std::string &type, std::initializer_list<const char *> types)
{
  return std::any_of(types.begin(), types.end(), [&](const char *t) { return type == t; });
}

// Layers that compare with labels, or write files: nothing at inference. Their bottoms become outputs.
bool is_dropped(const std::string &type)
{
  return is_one_of(type, {"Accuracy", "ContrastiveLoss", "EuclideanLoss", "HDF5Output", "HingeLoss", "InfogainLoss",
                          "MultinomialLogisticLoss", "SmoothL1Loss", "TripletLoss"});
}
bool is_loss_with_result(const std::string &type) { return is_one_of(type, {"SoftmaxWithLoss", "SigmoidCrossEntropyLoss"}); }

// One making of a blob: in-place layers make a blob anew under its old name.
struct Version {
  std::string blob;
  size_t layer = SIZE_MAX, top = 0;   // who makes it
  bool label = false;                 // comes from labels only
  size_t readers = 0;
  ValueId value = none;
  std::string name;                   // in the graph
};

class Importer {
 public:
  Importer(const std::optional<File> &prototxt, const std::optional<File> &caffemodel, const std::optional<File> &mean,
           const ImportOptions &options)
      : options_(options),
        file_(prototxt ? prototxt->path : caffemodel->path),
        with_weights_(caffemodel.has_value()),
        from_model_(!prototxt),
        bytes_left_(4 * static_cast<double>(options.fold_limit))
  {
    Message model;
    if (caffemodel) model = read_caffemodel(caffemodel->path, caffemodel->bytes);
    if (caffemodel) weights_file_ = caffemodel->path;
    if (prototxt) net_ = net_of(prototxt->path, read_prototxt(prototxt->path, prototxt->bytes), false);
    if (caffemodel) {
      NetRecord trained = net_of(caffemodel->path, model, true);
      if (!prototxt) net_ = trained;
      for (LayerRecord &layer : trained.layers)
        if (!layer.blobs.empty()) weights_.emplace(layer.name, std::move(layer.blobs));
    }
    if (mean) {
      mean_ = read_blob(mean->path, mean->bytes);
      mean_file_ = mean->path;
    }
  }

  Imported run()
  {
    if (net_.layers.empty())
      fail({.file = file_}, "has no layers{}",
           from_model_ ? "; give the network's .prototxt too" : "; it is cut off, or not the text of a network");
    resolve();
    mark_needed();
    name_values();
    add_inputs();
    for (size_t i = 0; i < net_.layers.size(); ++i)
      if (needed_[i]) translate(i);
    report_unsupported();
    add_outputs();
    graph_.name = net_.name.empty() ? file_ : net_.name;
    verify(graph_, "import");
    PictureDefaults picture = picture_of(file_, sources_, mean_ ? &*mean_ : nullptr, mean_file_, channels_of_picture());
    return {std::move(graph_), file_, {}, std::move(picture)};
  }

 private:
  Where where(size_t i) const { return {.file = file_, .layer = net_.layers[i].name, .op = net_.layers[i].type}; }

  size_t new_version(const std::string &blob, size_t layer, size_t top, bool label)
  {
    versions_.push_back({blob, layer, top, label, 0, none, {}});
    now_[blob] = versions_.size() - 1;
    return versions_.size() - 1;
  }

  [[noreturn]] void unresolved(size_t i, const std::string &bottom) const
  {
    for (size_t j = i; j < net_.layers.size(); ++j)
      for (const std::string &top : net_.layers[j].tops)
        if (top == bottom)
          fail(where(i), "its bottom '{}' is made by layer '{}', which {}; every layer must stand after those it reads", bottom,
               net_.layers[j].name, j == i ? "is itself: a cycle" : "stands after it, or depends on it (a cycle)");
    fail(where(i), "its bottom '{}' is no input of the network and made by no layer{}", bottom,
         from_model_ ? "; this is the network inside the caffemodel: give its deploy .prototxt too" : "");
  }

  void resolve()
  {
    for (const InputRecord &input : net_.inputs) {
      if (input.name.empty() || now_.contains(input.name))
        fail({.file = file_}, "has two inputs named '{}', or one without a name", input.name);
      sources_.push_back({input.name, input.shape, false, nullptr, new_version(input.name, SIZE_MAX, 0, false), none});
    }
    bottoms_.resize(net_.layers.size());
    tops_.resize(net_.layers.size());
    kept_.assign(net_.layers.size(), true);
    for (size_t i = 0; i < net_.layers.size(); ++i) {
      const LayerRecord &layer = net_.layers[i];
      if (is_data_layer(layer.type)) data_layer(i);
      else connect(i);
    }
  }

  void data_layer(size_t i)
  {
    const LayerRecord &layer = net_.layers[i];
    kept_[i] = false;
    // What a caffemodel holds may have the data layers of both phases.
    if (from_model_ && std::any_of(layer.tops.begin(), layer.tops.end(), [&](const std::string &t) { return now_.contains(t); }))
      return;
    for (size_t t = 0; t < layer.tops.size(); ++t) {
      if (now_.contains(layer.tops[t]))
        fail(where(i), "its top '{}' is also made elsewhere; one of both must be left out", layer.tops[t]);
      const bool label = t > 0 && layer.type != "Input" && layer.type != "DummyData";
      try {
        sources_.push_back({layer.tops[t], shape_of_data(layer, t), layer.type != "Input", &layer,
                            new_version(layer.tops[t], SIZE_MAX, t, label), none});
      } catch (const Error &error) {
        fail(where(i), "{}", error.what());
      }
    }
  }

  void connect(size_t i)
  {
    const LayerRecord &layer = net_.layers[i];
    const bool dropped = is_dropped(layer.type), loss = is_loss_with_result(layer.type);
    bool labels = !layer.bottoms.empty();
    for (size_t b = 0; b < layer.bottoms.size(); ++b) {
      const auto found = now_.find(layer.bottoms[b]);
      // Labels may be missing where nobody needs them.
      if (found == now_.end() && (dropped || (loss && b > 0))) continue;
      if (found == now_.end()) unresolved(i, layer.bottoms[b]);
      labels &= versions_[found->second].label;
      if (!loss || b == 0) bottoms_[i].push_back(found->second);
    }
    kept_[i] = !dropped && !labels;
    if (kept_[i])
      for (size_t v : bottoms_[i]) ++versions_[v].readers;
    std::vector<std::string> tops = layer.tops;
    if (loss) tops = {tops.size() > 1 ? tops[1] : tops.empty() ? layer.name : tops[0]};   // the second is the probabilities
    for (size_t t = 0; t < tops.size(); ++t) {
      const bool in_place = t < layer.bottoms.size() && layer.bottoms[t] == tops[t];
      if (const auto other = now_.find(tops[t]); other != now_.end() && !in_place && !dropped) {
        const size_t maker = versions_[other->second].layer;
        fail(where(i), "its top '{}' is also made by {}; only a layer that works in place may make it anew", tops[t],
             maker == SIZE_MAX ? "the network's input" : "layer '" + net_.layers[maker].name + "'");
      }
      if (!dropped) tops_[i].push_back(new_version(tops[t], i, t, labels));
    }
    if (layer.type == "Silence") kept_[i] = false;   // counted as a reader, so that nothing becomes an output
  }

  void mark_needed()
  {
    needed_.assign(net_.layers.size(), false);
    for (size_t v = 0; v < versions_.size(); ++v)
      if (versions_[v].readers == 0 && !versions_[v].label && versions_[v].layer != SIZE_MAX && kept_[versions_[v].layer])
        outputs_.push_back(v);
    // An unused second top (the mask of a pooling) is no output.
    std::erase_if(outputs_, [&](size_t v) { return net_.layers[versions_[v].layer].type == "Pooling" && versions_[v].top > 0; });
    if (outputs_.empty() && from_model_) fail({.file = file_}, "has no outputs; give the network's .prototxt too");
    if (outputs_.empty()) fail({.file = file_}, "has no outputs: no layer of phase TEST makes a blob that others do not use up");
    for (size_t v : outputs_) needed_[versions_[v].layer] = true;
    for (size_t i = net_.layers.size(); i-- > 0;)
      if (needed_[i])
        for (size_t v : bottoms_[i])
          if (versions_[v].layer != SIZE_MAX) needed_[versions_[v].layer] = true;
  }

  // Inputs have their blob's name; of the other versions the last has it, if it is free.
  void name_values()
  {
    for (const Source &s : sources_) taken_.insert(s.name);
    for (size_t v = versions_.size(); v-- > 0;)
      if (versions_[v].layer != SIZE_MAX && taken_.insert(versions_[v].blob).second) versions_[v].name = versions_[v].blob;
    for (Version &v : versions_)
      if (v.layer == SIZE_MAX) v.name = v.blob;
  }

  std::string fresh(const std::string &stem)
  {
    std::string name;
    do name = fmt::format("{}:{}", stem, ++next_name_);
    while (taken_.contains(name));
    return name;
  }

  void add_inputs()
  {
    std::vector<bool> read(versions_.size());
    for (size_t i = 0; i < net_.layers.size(); ++i)
      if (needed_[i])
        for (size_t v : bottoms_[i]) read[v] = true;
    std::erase_if(sources_, [&](const Source &s) { return !read[s.version]; });
    check_names();
    for (Source &s : sources_) s.channels = channels_of_reader(s.version);
    const std::vector<Shape> shapes = shapes_of(file_, sources_, mean_ ? &*mean_ : nullptr, options_);
    for (size_t i = 0; i < sources_.size(); ++i) {
      const ValueId id = static_cast<ValueId>(graph_.values.size());
      const std::string &name = sources_[i].name;
      versions_[sources_[i].version].value = sources_[i].value = id;
      if (const auto baked = options_.constants.find(name); baked != options_.constants.end()) {
        if (baked->second.type != Type::f32)
          fail({.file = file_}, "the data to be baked in for input '{}' is {}, but must be f32", name,
               net2c::name_of(baked->second.type));
        graph_.values.push_back({name, Type::f32, baked->second.shape});
        add_node(graph_, Constant{std::make_shared<const Tensor>(baked->second)}, name, {}, {id});
        continue;
      }
      graph_.values.push_back({name, Type::f32, shapes[i]});
      add_node(graph_, Input{static_cast<int>(graph_.inputs.size())}, name, {}, {id});
      graph_.inputs.push_back(id);
    }
  }

  // Names in the options must be names of inputs.
  void check_names() const
  {
    std::vector<std::string> names;
    for (const Source &s : sources_) names.push_back(s.name);
    const auto check = [&](const std::string &name) {
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
        fail({.file = file_}, "has no input '{}'; its inputs are: {}", name, fmt::join(names, ", "));
    };
    for (const auto &[name, shape] : options_.shapes) check(name);
    for (const auto &[name, tensor] : options_.constants) check(name);
  }

  // How many channels the first convolution that reads this blob takes, by its weights; 0: not known.
  int64_t channels_of_reader(size_t version) const
  {
    for (size_t i = 0; i < net_.layers.size(); ++i) {
      const LayerRecord &layer = net_.layers[i];
      if (layer.type != "Convolution" || bottoms_[i].empty() || bottoms_[i][0] != version) continue;
      const auto weights = weights_.find(layer.name);
      if (weights == weights_.end() || weights->second[0].shape.size() != 4) continue;
      const Message *p = layer.flat ? layer.message.get() : layer.message->message("convolution_param");
      const Field *group = p ? p->find("group") : nullptr;
      try {
        const int64_t channels = weights->second[0].shape[1] * (group ? std::clamp<int64_t>(integer_of(*group), 1, 1 << 16) : 1);
        if (channels > 0 && channels <= 1 << 20) return channels;
      } catch (const Error &) {   // the layer's translator will say it
      }
    }
    return 0;
  }

  int64_t channels_of_picture() const
  {
    for (const Source &s : sources_)
      if (s.value != none && graph_.values[s.value].shape.size() == 4) return graph_.values[s.value].shape[1];
    return 0;
  }

  const std::vector<Blob> *blobs_of(const LayerRecord &layer) const
  {
    if (const auto found = weights_.find(layer.name); found != weights_.end()) return &found->second;
    return layer.blobs.empty() ? nullptr : &layer.blobs;
  }

  ValueId weight(Layer &layer, const LayerRecord &record, size_t i, const Shape &shape)
  {
    const std::vector<Blob> *blobs = blobs_of(record);
    if (!blobs && !with_weights_ && options_.without_weights) return layer.constant(stand_in(shape));
    if (!blobs && !with_weights_) fail({}, "needs weights, and this is a prototxt: give its .caffemodel too");
    if (!blobs) fail({}, "has no weights in {}, which holds those of: {}", weights_file_, some_names());
    if (i >= blobs->size())
      fail({}, "has {} blob{} of weights in {}, but needs {} or more", blobs->size(), blobs->size() == 1 ? "" : "s", weights_file_,
           i + 1);
    const Blob &blob = (*blobs)[i];
    // Old files have four dimensions everywhere, with ones in front.
    const auto without_ones = [](Shape s) {
      std::erase(s, 1);
      return s;
    };
    if (without_ones(blob.shape) != without_ones(shape))
      fail({}, "blob {} of its weights is {} in {}, but the layer needs {}", i, text_of(blob.shape),
           with_weights_ ? weights_file_ : file_, text_of(shape));
    try {
      return layer.constant(to_tensor(blob, shape));
    } catch (const Error &error) {
      fail({}, "blob {} of its weights {}; {} is damaged", i, error.what(), with_weights_ ? weights_file_ : file_);
    }
  }

  // Memory for numbers that are in no file is limited, whatever the file says.
  void reserve(const Shape &shape)
  {
    const double bytes = 4 * static_cast<double>(count(shape));
    if (bytes > bytes_left_)
      fail({}, "{} numbers that are in no file would take too much memory; are its sizes right?", text_of(shape));
    bytes_left_ -= bytes;
  }

  // Some numbers where only shapes matter: none that an optimisation would find special, no two layers alike.
  Tensor stand_in(const Shape &shape)
  {
    reserve(shape);
    Tensor t(Type::f32, shape);
    for (float &x : t.as<float>()) {
      random_ = random_ * 1664525 + 1013904223;   // Numerical Recipes' generator
      x = 0.01f + 1e-11f * static_cast<float>(random_);
    }
    return t;
  }

  std::string some_names() const
  {
    std::vector<std::string> names;
    for (const auto &[name, blobs] : weights_)
      if (names.size() < 8) names.push_back(name);
    if (names.empty()) return "no layer";
    return fmt::format("{}{}", fmt::join(names, ", "), weights_.size() > names.size() ? ", ..." : "");
  }

  void translate(size_t i)
  {
    const LayerRecord &record = net_.layers[i];
    const Translator translator = translator_of(record.type);
    if (!translator) return refuse(i, record.type.empty() ? "(a layer without a type)" : record.type);
    std::vector<ValueId> bottoms;
    for (size_t v : bottoms_[i]) {
      if (versions_[v].value == none && versions_[v].layer != SIZE_MAX) return;   // depends on a layer that is reported already
      bottoms.push_back(versions_[v].value);
    }
    std::vector<bool> used;
    for (size_t v : tops_[i])
      used.push_back(versions_[v].readers > 0 || std::find(outputs_.begin(), outputs_.end(), v) != outputs_.end());
    const std::string stem = tops_[i].empty() ? record.name : versions_[tops_[i][0]].blob;
    Layer layer(graph_, record, bottoms, used,
                {.fresh = [&] { return fresh(stem); },
                 .weights = [&](Layer &l, size_t k, const Shape &shape) { return weight(l, record, k, shape); },
                 .reserve = [&](const Shape &shape) { reserve(shape); }});
    const size_t first_new = graph_.values.size();
    try {
      translator(layer);
      if (const std::string field = layer.unread(); !field.empty()) unsupported("with {}", field);
      for (size_t t = 0; t < tops_[i].size(); ++t) {
        const ValueId x = layer.result_of(t);
        Version &version = versions_[tops_[i][t]];
        if (x == none && used[t]) fail({}, "its top number {} ('{}') does not exist in this type of layer", t, version.blob);
        version.value = x;
        if (x != none && x >= first_new && !version.name.empty() && !named_.contains(x)) {
          graph_.values[x].name = version.name;
          named_.insert(x);
        }
      }
    } catch (const Unsupported &form) {
      refuse(i, record.type + " " + form.what);
    } catch (const Error &error) {
      fail(where(i), "{}", error.what());
    }
  }

  void refuse(size_t i, std::string form)
  {
    auto &[count, layer] = unsupported_[std::move(form)];
    if (count++ == 0) layer = net_.layers[i].name;
  }

  void report_unsupported() const
  {
    if (unsupported_.empty()) return;
    std::string list;
    for (const auto &[form, seen] : unsupported_)
      list += fmt::format("\n  {}: {} time{}, {}layer '{}'", form, seen.first, seen.first == 1 ? "" : "s",
                          seen.first == 1 ? "" : "first in ", seen.second);
    fail({.file = file_}, "uses what is not supported:{}\nWrite the network without these, or cut them off its prototxt.", list);
  }

  // An output that is another blob under a new name (Dropout, Split) becomes a value of its own.
  void add_outputs()
  {
    for (size_t v : outputs_) {
      Version &version = versions_[v];
      if (version.value == none) continue;   // an unused top that the layer does not make
      if (!named_.contains(version.value) || graph_.values[version.value].name != version.name) {
        const ValueId id = static_cast<ValueId>(graph_.values.size());
        const Value &from = graph_.values[version.value];
        graph_.values.push_back({version.name.empty() ? fresh(version.blob) : version.name, from.type, from.shape});
        add_node(graph_, Unary{UnaryKind::identity}, net_.layers[version.layer].name, {version.value}, {id});
        version.value = id;
      }
      graph_.outputs.push_back(version.value);
    }
  }

  const ImportOptions &options_;
  const std::string file_;
  std::string weights_file_, mean_file_;
  const bool with_weights_, from_model_;
  NetRecord net_;
  std::map<std::string, std::vector<Blob>> weights_;
  std::optional<Blob> mean_;
  Graph graph_;
  std::vector<Version> versions_;
  std::unordered_map<std::string, size_t> now_;           // the version of a blob that the next layer would read
  std::vector<std::vector<size_t>> bottoms_, tops_;       // versions, by layer
  std::vector<bool> kept_, needed_;
  std::vector<size_t> outputs_;
  std::vector<Source> sources_;
  std::unordered_set<std::string> taken_;
  std::unordered_set<ValueId> named_;
  size_t next_name_ = 0;
  uint32_t random_ = 1;
  double bytes_left_;
  std::map<std::string, std::pair<int, std::string>> unsupported_;   // form -> how often, first layer
};

}  // namespace

Imported import_caffe(const std::optional<File> &prototxt, const std::optional<File> &caffemodel, const std::optional<File> &mean,
                      const ImportOptions &options)
{
  return Importer(prototxt, caffemodel, mean, options).run();
}

}  // namespace net2c::caffe
