// One section as its translator sees it: its options, the results of the layers before it, its weights.
// User mistakes are thrown without a place (`fail({}, ...)`): whoever calls the translator adds file and layer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "import/builder.h"
#include "import/darknet/records.h"
#include "import/darknet/weights.h"

namespace net2c::darknet {

// What a layer that decodes boxes says about them: keys of "output" in docs/pictures.md.
struct Head {
  const char *form = "", *activation = "";
  std::vector<std::pair<double, double>> anchors;
  double scale_x_y = 1;
};

// Layers are numbered from 0, [net] not counted; maps are [N][C][H][W], vectors have H = W = 1.
class Layer : public Builder {
 public:
  Layer(Translation &, const Section &, size_t index, const std::vector<Operand> &before, Operand previous, Weights &, bool norm_has_biases);

  Operand in() const { return previous_; }                      // what the layer before this one made
  std::vector<Operand> others(const char *key) const;           // of the layers that `key` names, by number or relative to this
  int64_t channels() const { return shape(previous_)[1]; }
  int64_t height() const { return shape(previous_)[2]; }
  int64_t width() const { return shape(previous_)[3]; }

  // Options.
  bool has(const char *key) const { return section_.find(key) != nullptr; }
  int64_t integer(const char *key, int64_t otherwise, int64_t least, int64_t most) const;
  bool flag(const char *key) const { return real(key, 0) != 0; }
  double real(const char *key, double otherwise) const;
  std::string text(const char *key, const char *otherwise) const;
  std::vector<double> reals(const char *key) const;             // empty: not there

  // Notes a form that is not supported, and goes on, so that one message can list all of them.
  void refuse(std::string_view form) { refused_.emplace_back(form); }
  void refuse_option(const char *key) { if (has(key) && real(key, 0) != 0) refuse(std::string("with ") + key); }
  const std::vector<std::string> &refused() const { return refused_; }

  Operand weights(const Shape &);                               // the next ones of the file
  bool weights_transposed() const { return weights_.transposed(); }
  bool norm_has_biases() const { return norm_has_biases_; }     // of [batchnorm]

  void result(Operand x) { result_ = x; }
  Operand result() const { return result_; }
  std::optional<Head> head;                                     // nothing, too, where --preprocess cannot say it

 private:
  const Section &section_;
  size_t index_;
  const std::vector<Operand> &before_;
  Operand previous_, result_ = absent;
  Weights &weights_;
  bool norm_has_biases_;
  std::vector<std::string> refused_;
};

using Translator = void (*)(Layer &);
Translator translator_of(std::string_view section);   // nullptr: not supported

Operand activated(Layer &, Operand x, const char *otherwise);   // by the option `activation`

std::string name_of_layer(const Section &, size_t index);       // "convolutional_12"
double number_of(const std::string &text, const char *key);     // Error: reason only

}  // namespace net2c::darknet
