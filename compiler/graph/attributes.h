// The attributes of every op, by name: one list that the text form is both printed and read by.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "graph/graph.h"

namespace net2c {

// Calls f(name, pointer to member) for each attribute of an op: one overload an op, so one that is not listed does not
// compile. The data of a Constant is not among them: it needs the value's type.
template <class F>
void each_attribute(const Constant &, F)
{
}
template <class F>
void each_attribute(const Select &, F)
{
}
template <class F>
void each_attribute(const Affine &, F)
{
}
template <class F>
void each_attribute(const Reshape &, F)
{
}
template <class F>
void each_attribute(const Expand &, F)
{
}
template <class F>
void each_attribute(const Input &, F f)
{
  f("index", &Input::index);
}
template <class F>
void each_attribute(const Conv &, F f)
{
  f("strides", &Conv::strides);
  f("dilations", &Conv::dilations);
  f("pads", &Conv::pads);
  f("group", &Conv::group);
  f("fill", &Conv::fill);
  f("act", &Conv::epilogue);
}
template <class F>
void each_attribute(const ConvTranspose &, F f)
{
  f("strides", &ConvTranspose::strides);
  f("dilations", &ConvTranspose::dilations);
  f("pads", &ConvTranspose::pads);
  f("output_padding", &ConvTranspose::output_padding);
  f("group", &ConvTranspose::group);
  f("act", &ConvTranspose::epilogue);
}
template <class F>
void each_attribute(const Pool &, F f)
{
  f("kind", &Pool::kind);
  f("kernel", &Pool::kernel);
  f("strides", &Pool::strides);
  f("dilations", &Pool::dilations);
  f("pads", &Pool::pads);
  f("count_include_pad", &Pool::count_include_pad);
}
template <class F>
void each_attribute(const MatMul &, F f)
{
  f("act", &MatMul::epilogue);
}
template <class F>
void each_attribute(const Attention &, F f)
{
  f("scale", &Attention::scale);
}
template <class F>
void each_attribute(const Unary &, F f)
{
  f("kind", &Unary::kind);
  f("a", &Unary::a);
  f("b", &Unary::b);
}
template <class F>
void each_attribute(const Binary &, F f)
{
  f("kind", &Binary::kind);
}
template <class F>
void each_attribute(const Reduce &, F f)
{
  f("kind", &Reduce::kind);
  f("axes", &Reduce::axes);
  f("keep_dims", &Reduce::keep_dims);
}
template <class F>
void each_attribute(const ArgMax &, F f)
{
  f("axis", &ArgMax::axis);
  f("least", &ArgMax::least);
  f("last", &ArgMax::last);
  f("keep_dims", &ArgMax::keep_dims);
}
template <class F>
void each_attribute(const Norm &, F f)
{
  f("kind", &Norm::kind);
  f("epsilon", &Norm::epsilon);
  f("axis", &Norm::axis);
  f("size", &Norm::size);
  f("alpha", &Norm::alpha);
  f("beta", &Norm::beta);
  f("k", &Norm::k);
  f("act", &Norm::epilogue);
}
template <class F>
void each_attribute(const Softmax &, F f)
{
  f("axis", &Softmax::axis);
  f("log", &Softmax::log);
}
template <class F>
void each_attribute(const Concat &, F f)
{
  f("axis", &Concat::axis);
}
template <class F>
void each_attribute(const Gather &, F f)
{
  f("axis", &Gather::axis);
}
template <class F>
void each_attribute(const Slice &, F f)
{
  f("starts", &Slice::starts);
  f("steps", &Slice::steps);
}
template <class F>
void each_attribute(const Pad &, F f)
{
  f("kind", &Pad::kind);
  f("pads", &Pad::pads);
  f("value", &Pad::value);
}
template <class F>
void each_attribute(const Resize &, F f)
{
  f("kind", &Resize::kind);
  f("coordinates", &Resize::coordinates);
  f("nearest", &Resize::nearest);
  f("scales", &Resize::scales);
  f("starts", &Resize::starts);
  f("ends", &Resize::ends);
  f("cubic_a", &Resize::cubic_a);
  f("exclude_outside", &Resize::exclude_outside);
  f("antialias", &Resize::antialias);
}
template <class F>
void each_attribute(const GridSample &, F f)
{
  f("kind", &GridSample::kind);
  f("outside", &GridSample::outside);
  f("align_corners", &GridSample::align_corners);
}
template <class F>
void each_attribute(const Transpose &, F f)
{
  f("perm", &Transpose::perm);
}
template <class F>
void each_attribute(const Cast &, F f)
{
  f("to", &Cast::to);
}

// The words for each enum, in its order.
template <class E>
std::vector<std::string> words_of_enum()
{
  if constexpr (std::is_same_v<E, Fill>) return {"zero", "edge", "reflect"};
  else if constexpr (std::is_same_v<E, PoolKind>) return {"max", "average", "sum"};
  else if constexpr (std::is_same_v<E, NormKind>) return {"batch", "instance", "layer", "channel", "lrn"};
  else if constexpr (std::is_same_v<E, PadKind>) return {"constant", "edge", "reflect"};
  else if constexpr (std::is_same_v<E, ResizeKind>) return {"nearest", "linear", "cubic"};
  else if constexpr (std::is_same_v<E, Coordinates>)
    return {"half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners", "half_pixel_symmetric", "half_pixel_centre", "crop"};
  else if constexpr (std::is_same_v<E, Nearest>) return {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
  else {
    const int n = [] {
      if constexpr (std::is_same_v<E, Type>) return static_cast<int>(Type::boolean) + 1;
      else return static_cast<int>(E::count_);
    }();
    std::vector<std::string> words;
    for (int i = 0; i < n; ++i) words.push_back(name_of(static_cast<E>(i)));
    return words;
  }
}

}  // namespace net2c
