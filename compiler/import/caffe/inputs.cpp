#include "import/caffe/inputs.h"

#include <algorithm>

#include "import/caffe/layer.h"

namespace net2c::caffe {

namespace {

constexpr int64_t most = int64_t{1} << 30;

// The parameters of a data layer, whatever its type: transform_param, which older files have in the layer's own.
struct Transform {
  int64_t crop = 0, new_height = 0, new_width = 0;
  double scale = 1;
  std::vector<double> mean;
  std::string mean_file;
  bool grey = false, colour = false, stated = false;
};

Transform transform_of(const LayerRecord &layer)
{
  Transform t;
  std::vector<const Message *> places;
  if (layer.flat) places.push_back(layer.message.get());
  else
    for (const char *name : {"data_param", "image_data_param", "window_data_param", "transform_param"})
      if (const Message *m = layer.message->message(name)) places.push_back(m);
  const auto size = [](const Message *m, const char *name, int64_t &to) {
    const Field *f = m->find(name);
    if (!f) return;
    to = integer_of(*f);
    if (to < 0 || to > most) fail({}, "'{}' is {}", name, to);
  };
  for (const Message *m : places) {
    size(m, "crop_size", t.crop), size(m, "new_height", t.new_height), size(m, "new_width", t.new_width);
    if (const Field *f = m->find("scale")) t.scale = real_of(*f), t.stated = true;
    if (const Field *f = m->find("mean_file")) t.mean_file = f->text, t.stated = true;
    if (const Field *f = m->find("force_gray")) t.grey = flag_of(*f);
    if (const Field *f = m->find("force_color")) t.colour = flag_of(*f);
    if (const Field *f = m->find("is_color")) (flag_of(*f) ? t.colour : t.grey) = true;
    for (const Field &f : m->fields)
      if (f.name == "mean_value") t.mean.push_back(real_of(f)), t.stated = true;
  }
  if (t.crop || (t.new_height && t.new_width)) t.stated = true;
  return t;
}

}  // namespace

bool is_data_layer(const std::string &type)
{
  for (const char *known : {"Input", "Data", "ImageData", "HDF5Data", "MemoryData", "DummyData", "WindowData", "AnnotatedData",
                            "ImageSegData", "DenseImageData"})
    if (type == known) return true;
  return false;
}

Shape shape_of_data(const LayerRecord &layer, size_t top)
{
  const auto by_top = [&](const std::vector<const Message *> &shapes) {
    if (shapes.size() > 1 && shapes.size() != layer.tops.size())
      fail({}, "has {} shapes for {} tops", shapes.size(), layer.tops.size());
    return shapes.empty() ? Shape{} : shape_of(*shapes[shapes.size() > 1 ? top : 0]);
  };
  if (layer.type == "Input") {
    const Message *m = layer.message->message("input_param");
    return m ? by_top(m->messages("shape")) : Shape{};
  }
  if (layer.type == "DummyData") {
    const Message *m = layer.message->message("dummy_data_param");
    if (!m) return {};
    if (const auto shapes = m->messages("shape"); !shapes.empty()) return by_top(shapes);
    Shape shape;
    for (const char *name : {"num", "channels", "height", "width"}) {
      std::vector<int64_t> all;
      for (const Field &f : m->fields)
        if (f.name == name) all.push_back(integer_of(f));
      if (all.empty()) return {};
      shape.push_back(all.size() > top ? all[top] : all[0]);
    }
    return shape;
  }
  if (top > 0) return {};   // labels
  if (const Message *m = layer.message->message("memory_data_param")) {
    Shape shape{1};
    for (const char *name : {"channels", "height", "width"}) {
      const Field *f = m->find(name);
      shape.push_back(f ? integer_of(*f) : 0);
    }
    return shape;
  }
  if (layer.type == "HDF5Data") return {};
  const Transform t = transform_of(layer);
  return {1,
          t.grey     ? 1
          : t.colour ? 3
                     : static_cast<int64_t>(t.mean.size() == 3 ? 3 : 0),
          t.crop ? t.crop : t.new_height, t.crop ? t.crop : t.new_width};
}

std::vector<Shape> shapes_of(const std::string &file, const std::vector<Source> &sources, const Blob *mean,
                             const ImportOptions &options)
{
  std::vector<Shape> shapes;
  const auto image = [](const Source &s) { return s.shape.size() == 4 || (s.shape.empty() && s.data); };
  const auto images = std::count_if(sources.begin(), sources.end(), image);
  if (options.size && images != 1)
    fail({.file = file},
         "a size is given, but the network has {} image inputs to set it for; give the inputs' data, or leave the size out",
         images);
  for (const Source &s : sources) {
    const Where where{.file = file};
    Shape shape = s.shape;
    const auto given = options.shapes.contains(s.name) ? options.shapes.find(s.name)
                       : sources.size() == 1           ? options.shapes.find("")
                                                       : options.shapes.end();
    if (given != options.shapes.end()) {
      // Caffe reshapes a network to what it is given; the layers say what they cannot do.
      bool fits = shape.empty() || shape.size() == given->second.size();
      if (fits && shape.size() == 4) fits = shape[1] == 0 || shape[1] == given->second[1];
      if (!fits) fail(where, "input '{}' is {}, but what is given for it is {}", s.name, text_of(shape), text_of(given->second));
      shapes.push_back(given->second);
      continue;
    }
    if (options.constants.contains(s.name)) {
      shapes.push_back(options.constants.at(s.name).shape);
      continue;
    }
    if (image(s)) {
      shape.resize(4);
      shape[0] = options.batch.value_or(1);
      const bool mean_image = mean && mean->shape.size() == 4 && s.data;
      if (shape[1] == 0) shape[1] = s.channels ? s.channels : mean_image ? mean->shape[1] : s.data ? 3 : 0;
      for (size_t d = 2; d < 4; ++d) {
        const auto of = [&](const std::pair<int64_t, int64_t> &size) { return d == 2 ? size.first : size.second; };
        if (options.size) shape[d] = of(*options.size);
        else if (shape[d] == 0 && options.open_size) shape[d] = of(*options.open_size);
        else if (shape[d] == 0 && mean_image) shape[d] = mean->shape[d];
      }
    }
    if (shape.empty()) fail(where, "the shape of input '{}' is not in the network; give the input's data", s.name);
    for (size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] == 0)
        fail(where, "the size of input '{}' is not in the network; set it by --size HxW (height and width of the image)", s.name);
      if (shape[d] < 0 || shape[d] > most) fail(where, "input '{}' is {}", s.name, fmt::join(shape, "x"));
    }
    try {
      if (shape.size() > 6) fail({}, "more than 6 dimensions");
      count(shape);
    } catch (const Error &error) {
      fail(where, "input '{}' is {}: {}", s.name, fmt::join(shape, "x"), error.what());
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

PictureDefaults picture_of(const std::string &file, const std::vector<Source> &sources, const Blob *mean,
                           const std::string &mean_file, int64_t channels)
{
  PictureDefaults picture;
  picture.bgr = picture.opencv = true;
  for (const Source &s : sources) {
    if (!s.layer || !s.data) continue;
    const Transform t = transform_of(*s.layer);
    picture.scale = t.scale;
    picture.mean = t.mean;
    picture.stated = t.stated;
    picture.cropped = t.crop > 0;
    if (t.new_height > 0 && t.new_width > 0) picture.resize = std::pair{t.new_height, t.new_width};
    if (!t.mean_file.empty() && !mean) picture.missing = t.mean_file;
    break;
  }
  if (mean) {
    if (!picture.mean.empty()) fail({.file = file}, "has mean_value, and {} is a mean image; leave one of both out", mean_file);
    Shape shape = mean->shape;
    while (shape.size() > 3 && shape[0] == 1) shape.erase(shape.begin());
    if (shape.size() != 3 || (channels && shape[0] != channels))
      fail({.file = mean_file}, "is a mean image of {}, which does not fit an input of {} channels", text_of(mean->shape),
           channels);
    Tensor image;
    try {
      image = to_tensor(*mean, shape);
    } catch (const Error &error) {
      fail({.file = mean_file}, "{}; the file is damaged", error.what());
    }
    if (count(shape) == 0) fail({.file = mean_file}, "is an empty image");
    picture.mean_image = std::move(image);
    picture.stated = true;
  }
  if (picture.mean.size() > 1 && channels && static_cast<int64_t>(picture.mean.size()) != channels)
    fail({.file = file}, "has {} mean_value for an input of {} channels", picture.mean.size(), channels);
  return picture;
}

}  // namespace net2c::caffe
