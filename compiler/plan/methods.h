// Which method computes a layer, where there are several: what its time depends on, times measured before, and the choice.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace net2c {

enum class Method : uint8_t { direct, winograd, strassen };
inline constexpr Method known_methods[] = {Method::direct, Method::winograd, Method::strassen};
inline constexpr const char *method_names[] = {"direct", "winograd", "strassen"};

// A convolution of equal strides as all networks have it that have one like it.
struct LayerKind {
  bool transposed = false;
  int64_t kernel_height = 1, kernel_width = 1, stride = 1, groups = 1, batch = 1, in = 1, out = 1, height = 1, width = 1;   // in, out: all channels; the map is the output
  auto operator<=>(const LayerKind &) const = default;
};
std::string text_of(const LayerKind &);                        // "conv 3x3 s1 g1 b1 64->64 @56x56"
std::optional<LayerKind> parse_layer(const std::string &);     // nothing: not such a text

using Times = std::map<Method, double>;                        // positive, in any unit
using LayerTimes = std::map<LayerKind, Times>;

// What the choices go by.
struct Speeds {
  LayerTimes times;     // layers that have some go by these, the others by the cost models
  bool avx512 = true;   // the recipe is for AVX-512, too: the direct sum gains most by it
};

// Of the methods that have a time the fastest, but `usual` where that is within 3 % of it, or where none has.
Method fastest(const Times &, std::span<const Method>, Method usual);

struct MethodChoice {               // that a lowering made
  uint32_t node = 0;                // of the graph
  LayerKind layer;
  std::vector<Method> methods;
  Method usual = Method::direct, taken = Method::direct;   // by the cost model; by times where there are any
  bool measured = false;            // there are
};

}  // namespace net2c
