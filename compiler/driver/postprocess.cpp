#include "driver/postprocess.h"

#include <algorithm>

namespace net2c {

namespace {

// One object of "output".
class Reader {
 public:
  Reader(JsonObject json, const std::vector<Port> &outputs, uint32_t height, uint32_t width, size_t labels)
      : json_(std::move(json)), outputs_(outputs), height_(height), width_(width), labels_(labels) {}

  void read(Postprocess &p)
  {
    switch (json_.choice("kind", 3, {"classes", "map", "boxes"})) {
      case 0: return classes(p);
      case 1: return map(p);
      case 2: return boxes(p);
      default: fail({.file = json_.file()}, "'{}' is missing; allowed: \"classes\", \"map\", \"boxes\"", json_.name_of("kind"));
    }
  }

 private:
  std::string names() const
  {
    std::string text;
    for (const Port &o : outputs_) text += fmt::format("{}\"{}\" ({} {})", text.empty() ? "" : ", ", o.name, name_of(o.type), text_of(o.shape));
    return text;
  }

  // The output of this name; without the key the only one.
  uint32_t output(const char *key) const
  {
    if (!json_.has(key) && outputs_.size() == 1) return checked(key, 0);
    if (!json_.has(key)) fail({.file = json_.file()}, "'{}' is missing; allowed: {}", json_.name_of(key), names());
    return named(key, json_[key]);
  }
  uint32_t named(const char *key, const nlohmann::json &name) const
  {
    for (size_t i = 0; i < outputs_.size(); ++i)
      if (name.is_string() && outputs_[i].name == name.get<std::string>()) return checked(key, static_cast<uint32_t>(i));
    json_.wrong(key, names());
  }
  uint32_t checked(const char *key, uint32_t i) const
  {
    if (outputs_[i].type != Type::f32) unfit(key, i, "f32");
    return i;
  }
  [[noreturn]] void unfit(const char *key, uint32_t i, const std::string &wanted) const
  {
    fail({.file = json_.file()}, "'{}': output '{}' is {} {}; {} is needed", json_.name_of(key), outputs_[i].name, name_of(outputs_[i].type),
         text_of(outputs_[i].shape), wanted);
  }
  // Without its leading ones, but for `rank`.
  Shape shape(uint32_t i, size_t rank) const
  {
    Shape s = outputs_[i].shape;
    while (s.size() > rank && s[0] == 1) s.erase(s.begin());
    return s;
  }

  void classes(Postprocess &p)
  {
    json_.only({"kind", "output", "top"});
    if (p.best) twice("classes");
    p.best = BestClasses{output("output"), static_cast<uint32_t>(json_.integer("top", 5, 1, 1000))};
  }

  void map(Postprocess &p)
  {
    json_.only({"kind", "output", "threshold"});
    if (p.map) twice("map");
    const uint32_t at = output("output");
    const Shape s = shape(at, 3);
    if (s.size() != 3 || count(s) == 0) unfit("output", at, "1xCLASSESxHxW or 1xHxWxCLASSES");
    // Where the classes stand: as many as labels, else the fewer.
    const bool last = labels_ && s[0] != s[2] ? s[2] == static_cast<int64_t>(labels_) : s[2] < s[0];
    const auto c = static_cast<uint32_t>(last ? s[2] : s[0]), h = static_cast<uint32_t>(last ? s[0] : s[1]), w = static_cast<uint32_t>(last ? s[1] : s[2]);
    if (c > 255) unfit("output", at, "at most 255 classes");
    p.map = net2c_map_spec{at, c, h, w, last ? 1 : h * w, last ? w * c : w, last ? c : 1, static_cast<float>(json_.number("threshold", 0.5))};
  }

  enum Form { plain, yolov2, yolov3, yolov5, yolov8, fastestdet };

  void boxes(Postprocess &p)
  {
    json_.only({"kind", "form", "boxes", "scores", "output", "anchors", "format", "unit", "activation", "classes", "background", "threshold",
                "overlap", "candidates", "most", "every_class", "across_classes", "scale_x_y"});
    if (p.boxes) twice("boxes");
    const auto form = static_cast<Form>(json_.choice("form", plain, {"plain", "yolov2", "yolov3", "yolov5", "yolov8", "fastestdet"}));
    net2c_boxes_spec s{};
    if (form == plain) p.heads.push_back(plain_head());
    else if (form == yolov8 || (form == yolov5 && !json_.has("anchors"))) p.heads.push_back(rows_head(form == yolov5));
    else grid_heads(form, p.heads);
    for (const char *key : {"boxes", "scores", "format", "background"})
      if (form != plain && json_.has(key)) json_.wrong(key, "only with \"form\": \"plain\"");
    if (form == plain && json_.has("output")) json_.wrong("output", "for \"form\": \"plain\" \"boxes\" and \"scores\"");
    s.heads = static_cast<uint32_t>(p.heads.size());
    const uint32_t classes = p.heads[0].classes;
    s.background = static_cast<uint32_t>(json_.integer("background", UINT32_MAX, 0, classes - 1));
    s.every_class = json_.flag("every_class", form == plain);
    s.across_classes = json_.flag("across_classes", false);
    s.candidates = static_cast<uint32_t>(json_.integer("candidates", 1000, 1, 100000));
    s.most = static_cast<uint32_t>(json_.integer("most", 100, 1, 10000));
    s.threshold = static_cast<float>(json_.number("threshold", 0.25, 0, 1));
    s.overlap = static_cast<float>(json_.number("overlap", 0.45, 0, 1));
    s.object_power = form == fastestdet ? 0.6f : 1, s.score_power = form == fastestdet ? 0.4f : 1;
    p.boxes = s;
  }

  net2c_head head() const
  {
    net2c_head h{};
    h.anchors = 1;
    h.grid_width = 1;
    const bool of_input = json_.choice("unit", 0, {"pixels", "input"}) == 1;
    h.unit_x = of_input ? static_cast<float>(width_) : 1, h.unit_y = of_input ? static_cast<float>(height_) : 1;
    h.score_as = static_cast<uint32_t>(json_.choice("activation", NET2C_AS_IT_IS, {"none", "sigmoid", "softmax"}));
    return h;
  }

  // [n][k] or [k][n], the numbers of one box k: which is which by the wanted k, or because boxes are more.
  net2c_rows rows(const char *key, uint32_t at, int64_t least, int64_t wanted, int64_t &n, int64_t &k) const
  {
    Shape s = shape(at, 2);
    if (s.size() == 3 && (s[1] == 1 || s[2] == 1)) s.erase(s.begin() + (s[1] == 1 ? 1 : 2));   // TensorFlow's 1xNx1x4
    if (s.size() != 2 || count(s) == 0) unfit(key, at, "1xNxK or 1xKxN");
    const bool last = wanted ? s[1] == wanted : s[1] <= s[0];
    n = last ? s[0] : s[1], k = last ? s[1] : s[0];
    if (wanted ? k != wanted : k < least) unfit(key, at, wanted ? fmt::format("{} numbers a box", wanted) : fmt::format("at least {} numbers a box", least));
    net2c_rows r{};
    r.output = at;
    r.step = static_cast<uint32_t>(last ? 1 : n), r.next = static_cast<uint32_t>(last ? k : 1);
    return r;
  }

  int64_t known_classes() const { return json_.integer("classes", static_cast<int64_t>(labels_), 0, 1 << 20); }

  net2c_head plain_head() const
  {
    net2c_head h = head();
    int64_t n = 0, k = 0, scores = 0;
    h.box = rows("boxes", output("boxes"), 4, 4, n, k);
    const uint32_t at = output("scores");
    const Shape s = shape(at, 2);
    // As many boxes as before; one class may have no dimension of its own.
    const bool last = s.size() == 2 && s[0] == n;
    if (s.size() == 1 ? s[0] != n : s.size() != 2 || (s[0] != n && s[1] != n)) unfit("scores", at, fmt::format("1x{}xCLASSES or 1xCLASSESx{}", n, n));
    scores = s.size() == 1 ? 1 : last ? s[1] : s[0];
    h.score.output = at;
    h.score.step = static_cast<uint32_t>(last ? 1 : n), h.score.next = static_cast<uint32_t>(last ? scores : 1);
    h.classes = static_cast<uint32_t>(scores), h.count = static_cast<uint32_t>(n);
    h.decode = static_cast<uint32_t>(json_.choice("format", NET2C_XYXY, {"xyxy", "yxyx", "cxcywh", "xywh"}));
    return h;
  }

  // Centre and size, an objectness where there is one, classes.
  net2c_head rows_head(bool object) const
  {
    net2c_head h = head();
    const int64_t others = 4 + object;
    int64_t n = 0, k = 0;
    h.box = rows("output", output("output"), others + 1, known_classes() ? others + known_classes() : 0, n, k);
    h.object = h.score = h.box;
    h.object.first = 4 * h.box.step, h.score.first = static_cast<uint32_t>(others) * h.box.step;
    h.has_object = object;
    h.object_as = h.score_as;
    h.classes = static_cast<uint32_t>(k - others), h.count = static_cast<uint32_t>(n);
    h.decode = NET2C_CXCYWH;
    return h;
  }

  // [A (5 + classes)][H][W], [H][W][A (5 + classes)] or, of YOLO 5, [A][H][W][5 + classes]: one output or several, anchors for each.
  void grid_heads(Form form, std::vector<net2c_head> &heads) const
  {
    std::vector<uint32_t> outputs;
    if (json_.has("output") && json_["output"].is_array())
      for (const auto &name : json_["output"]) outputs.push_back(named("output", name));
    else outputs.push_back(output("output"));
    if (outputs.empty()) json_.wrong("output", names());
    const std::vector<std::vector<std::pair<double, double>>> anchors = read_anchors(form, outputs.size());
    if (json_.has("scale_x_y") && form != yolov3) json_.wrong("scale_x_y", "only with \"form\": \"yolov3\"");
    const std::vector<double> stretch = json_.numbers("scale_x_y", outputs.size(), 1);
    for (size_t i = 0; i < outputs.size(); ++i) {
      const auto count_of_anchors = static_cast<int64_t>(anchors[i].size()), wanted = known_classes() ? 5 + known_classes() : 0;
      Shape s = shape(outputs[i], 3);
      net2c_head h = head();
      uint32_t step = 0, next = 0, anchor = 0, rows = 0, columns = 0, numbers = 0;
      const auto u = [](int64_t x) { return static_cast<uint32_t>(x); };
      if (s.size() == 4 && s[0] == count_of_anchors && s[3] > 5 && (!wanted || s[3] == wanted)) {
        rows = u(s[1]), columns = u(s[2]), numbers = u(s[3]);
        step = 1, next = numbers, anchor = rows * columns * numbers;
      } else {
        const auto fits = [&](int64_t c) { return c % count_of_anchors == 0 && (wanted ? c == count_of_anchors * wanted : c / count_of_anchors > 5); };
        const bool last = s.size() == 3 && !fits(s[0]) && fits(s[2]);
        if (s.size() != 3 || count(s) == 0 || !(last || fits(s[0])))
          unfit("output", outputs[i], fmt::format("1x{}xHxW, {} anchors of 5 + CLASSES numbers{},", wanted ? std::to_string(count_of_anchors * wanted) : "C", count_of_anchors, wanted ? fmt::format(" (CLASSES {})", wanted - 5) : ""));
        rows = u(last ? s[0] : s[1]), columns = u(last ? s[1] : s[2]), numbers = u((last ? s[2] : s[0]) / count_of_anchors);
        step = last ? 1 : rows * columns, next = last ? u(s[2]) : 1, anchor = numbers * step;
      }
      h.box.output = outputs[i];
      h.box.step = step, h.box.next = next, h.box.anchor = anchor;
      h.object = h.score = h.box;
      // FastestDet: objectness first.
      h.box.first = form == fastestdet ? step : 0, h.object.first = form == fastestdet ? 0 : 4 * step, h.score.first = 5 * step;
      h.has_object = 1;
      h.classes = numbers - 5, h.count = rows * columns, h.anchors = u(count_of_anchors), h.grid_width = columns;
      h.unit_x = static_cast<float>(width_) / static_cast<float>(columns), h.unit_y = static_cast<float>(height_) / static_cast<float>(rows);
      h.decode = form == fastestdet ? NET2C_CELL_TANH : form == yolov5 ? NET2C_CELL_SQUARE : NET2C_CELL_EXP;
      h.stretch = static_cast<float>(stretch[i]);
      h.object_as = form == fastestdet ? NET2C_AS_IT_IS : NET2C_SIGMOID;
      if (!json_.has("activation")) h.score_as = form == fastestdet ? NET2C_AS_IT_IS : form == yolov2 ? NET2C_SOFTMAX : NET2C_SIGMOID;
      for (size_t a = 0; a < anchors[i].size(); ++a) {
        // YOLO 2 measures them in cells.
        h.anchor[a][0] = static_cast<float>(anchors[i][a].first * (form == yolov2 ? static_cast<double>(h.unit_x) : 1));
        h.anchor[a][1] = static_cast<float>(anchors[i][a].second * (form == yolov2 ? static_cast<double>(h.unit_y) : 1));
      }
      heads.push_back(h);
    }
    for (const net2c_head &h : heads)
      if (h.classes != heads[0].classes) json_.wrong("output", "outputs of as many classes each");
  }

  std::vector<std::vector<std::pair<double, double>>> read_anchors(Form form, size_t outputs) const
  {
    if (form == fastestdet) {
      if (json_.has("anchors")) json_.wrong("anchors", "not with \"form\": \"fastestdet\"");
      return std::vector(outputs, std::vector{std::pair<double, double>{width_, height_}});
    }
    const std::string allowed = fmt::format("a list of [width, height], at most {}, in {}; for several outputs a list of such lists", NET2C_ANCHORS,
                                            form == yolov2 ? "cells" : "pixels of the input");
    if (!json_.has("anchors")) fail({.file = json_.file()}, "'{}' is missing; allowed: {}", json_.name_of("anchors"), allowed);
    nlohmann::json all = json_["anchors"];
    const auto length = [](const nlohmann::json &x) { return x.is_number() && x.get<double>() > 0 && x.get<double>() < 1e6; };
    const auto pair = [&](const nlohmann::json &x) { return x.is_array() && x.size() == 2 && length(x[0]) && length(x[1]); };
    if (all.is_array() && !all.empty() && pair(all[0])) all = nlohmann::json::array({all});
    if (!all.is_array() || all.size() != outputs) json_.wrong("anchors", allowed);
    std::vector<std::vector<std::pair<double, double>>> anchors;
    for (const auto &list : all) {
      if (!list.is_array() || list.empty() || list.size() > NET2C_ANCHORS || !std::all_of(list.begin(), list.end(), pair)) json_.wrong("anchors", allowed);
      anchors.push_back(list.get<std::vector<std::pair<double, double>>>());
    }
    return anchors;
  }

  [[noreturn]] void twice(const char *kind) const { fail({.file = json_.file()}, "'output' has two of kind \"{}\"; allowed: one", kind); }

  JsonObject json_;
  const std::vector<Port> &outputs_;
  uint32_t height_, width_;
  size_t labels_;
};

}  // namespace

Postprocess read_postprocess(const JsonObject &keys, const std::vector<Port> &outputs, uint32_t input_height, uint32_t input_width, size_t classes)
{
  Postprocess p;
  if (!keys.has("output")) return p;
  const nlohmann::json &output = keys["output"];
  for (const auto &one : output.is_array() ? output : nlohmann::json::array({output}))
    Reader(JsonObject(keys.file(), "output", one), outputs, input_height, input_width, classes).read(p);
  return p;
}

}  // namespace net2c
