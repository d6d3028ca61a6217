#include "plan/methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace net2c {

namespace {

constexpr double noise = 1.03;

}  // namespace

std::string text_of(const LayerKind &l)
{
  return fmt::format("{} {}x{} s{} g{} b{} {}->{} @{}x{}", l.transposed ? "deconv" : "conv", l.kernel_height, l.kernel_width, l.stride, l.groups, l.batch, l.in, l.out,
                     l.height, l.width);
}

std::optional<LayerKind> parse_layer(const std::string &text)
{
  LayerKind l;
  l.transposed = text.starts_with("de");
  const int read = std::sscanf(text.c_str() + (l.transposed ? 2 : 0), "conv %18ldx%18ld s%18ld g%18ld b%18ld %18ld->%18ld @%18ldx%18ld", &l.kernel_height, &l.kernel_width,
                               &l.stride, &l.groups, &l.batch, &l.in, &l.out, &l.height, &l.width);
  if (read != 9 || text_of(l) != text) return {};
  if (std::min({l.kernel_height, l.kernel_width, l.stride, l.groups, l.batch, l.in, l.out, l.height, l.width}) < 1) return {};
  return l;
}

Method fastest(const Times &times, std::span<const Method> methods, Method usual)
{
  Method best = usual;
  for (Method m : methods) {
    const auto time = times.find(m), least = times.find(best);
    if (time != times.end() && (least == times.end() || time->second < least->second)) best = m;
  }
  const auto least = times.find(best), by_model = times.find(usual);
  return by_model != times.end() && by_model->second <= noise * least->second ? usual : best;
}

}  // namespace net2c
