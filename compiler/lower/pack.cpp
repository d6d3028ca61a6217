#include "lower/pack.h"

#include <numeric>

namespace net2c {

namespace {

int64_t up8(int64_t n) { return (n + 7) / 8 * 8; }

// Appends one group's block: taps (i, j) of the kernel, weight(o, c, i, j) of the group's own channels.
template <class Weight>
void append(std::vector<float> &out, int64_t oc, int64_t ic_padded, int64_t kh, int64_t kw, Taps taps, Weight weight)
{
  const int64_t blocks = up8(oc) / 8;
  for (int64_t pair = 0; pair < (blocks + 1) / 2; ++pair) {
    const int64_t width = blocks - pair * 2 < 2 ? 8 : 16;
    auto tap = [&](int64_t c, int64_t i, int64_t j) {
      for (int64_t o = pair * 16; o < pair * 16 + width; ++o) out.push_back(o < oc ? weight(o, c, i, j) : 0.0f);
    };
    for (int64_t outer = 0; outer < (taps == Taps::inside ? ic_padded : 1); ++outer)
      for (int64_t i = 0; i < kh; ++i)
        for (int64_t j = 0; j < kw; ++j) {
          if (taps == Taps::inside) tap(outer, i, j);
          else
            for (int64_t c = 0; c < ic_padded; ++c) tap(c, i, j);
        }
  }
}

}  // namespace

Groups group_channels(int64_t group, int64_t ic, int64_t oc)
{
  const int64_t g_ic = ic / group, g_oc = oc / group;
  Groups r;
  // The fewest model groups whose channels are multiples of 8, when they divide; else one group with zeros between.
  const int64_t need = std::lcm(8 / std::gcd<int64_t>(8, g_ic), 8 / std::gcd<int64_t>(8, g_oc));
  r.merged = group % need == 0 ? need : group;
  r.groups = group / r.merged;
  r.ic = g_ic * r.merged, r.oc = g_oc * r.merged;
  return r;
}

std::vector<float> pack_conv(const Tensor &w, int64_t model_group, const Groups &g, int64_t lanes, Taps order)
{
  const auto data = w.as<float>();
  const int64_t oc = w.shape[0] / model_group, ic = w.shape[1], kh = w.shape[2], kw = w.shape[3];
  const int64_t ic_padded = lanes == 8 ? up8(g.ic) : lanes;
  std::vector<float> out;
  out.reserve(static_cast<size_t>(g.groups * up8(g.oc) * ic_padded * kh * kw));
  for (int64_t group = 0; group < g.groups; ++group)
    append(out, g.oc, ic_padded, kh, kw, order, [&](int64_t o, int64_t c, int64_t i, int64_t j) {
      if (c >= g.ic || o / oc != c / ic) return 0.0f;
      return data[static_cast<size_t>((((group * g.oc + o) * ic + c % ic) * kh + i) * kw + j)];
    });
  return out;
}

std::vector<float> pack_deconv(const Tensor &w, int64_t model_group, const Groups &g, const std::vector<int64_t> &strides,
                               const std::vector<int64_t> &dilations, const std::vector<int64_t> &pads, Taps order)
{
  const auto data = w.as<float>();
  const int64_t ic = w.shape[0] / model_group, oc = w.shape[1], kh = w.shape[2], kw = w.shape[3];
  auto taps = [](int64_t phase, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad) {
    std::vector<int64_t> found;
    for (int64_t k = 0; k < kernel; ++k)
      if ((phase + pad - k * dilation) % stride == 0) found.push_back(k);
    return found;
  };
  std::vector<float> out;
  for (int64_t p = 0; p < strides[0]; ++p)
    for (int64_t q = 0; q < strides[1]; ++q) {
      const auto rows = taps(p, kh, strides[0], dilations[0], pads[0]), columns = taps(q, kw, strides[1], dilations[1], pads[1]);
      for (int64_t group = 0; group < g.groups; ++group)
        append(out, g.oc, up8(g.ic), static_cast<int64_t>(rows.size()), static_cast<int64_t>(columns.size()), order,
               [&](int64_t o, int64_t c, int64_t i, int64_t j) {
                 if (c >= g.ic || o / oc != c / ic) return 0.0f;
                 return data[static_cast<size_t>((((group * g.ic + c) * oc + o % oc) * kh + rows[static_cast<size_t>(i)]) * kw +
                                                 columns[static_cast<size_t>(j)])];
               });
    }
  if (out.empty()) out.resize(16);
  return out;
}

std::vector<float> pack_narrow(const Tensor &w)
{
  const auto data = w.as<float>();
  const int64_t oc = w.shape[0], ic = w.shape[1], taps = w.shape[2] * w.shape[3];
  std::vector<float> out;
  for (int64_t t = 0; t < taps; ++t)
    for (int64_t b = 0; b < up8(ic); b += 8)
      for (int64_t o = 0; o < oc; ++o)
        for (int64_t c = b; c < b + 8; ++c) out.push_back(c < ic ? data[static_cast<size_t>((o * ic + c) * taps + t)] : 0.0f);
  return out;
}

std::vector<float> pack_depthwise(const Tensor &w)
{
  const auto data = w.as<float>();
  const int64_t c = w.shape[0], taps = w.shape[2] * w.shape[3];
  std::vector<float> out;
  for (int64_t b = 0; b < up8(c); b += 8)
    for (int64_t t = 0; t < taps; ++t)
      for (int64_t l = b; l < b + 8; ++l) out.push_back(l < c ? data[static_cast<size_t>(l * taps + t)] : 0.0f);
  return out;
}

std::vector<float> pack_dense(const float *b, int64_t k, int64_t n)
{
  std::vector<float> out;
  out.reserve(static_cast<size_t>((n + 31) / 32 * 32 * k));
  for (int64_t block = 0; block < n; block += 32)
    for (int64_t i = 0; i < k; ++i)
      for (int64_t j = block; j < block + 32; ++j) out.push_back(j < n ? b[i * n + j] : 0.0f);
  return out;
}

std::vector<float> pad_vector(const Tensor *t, int64_t channels, int64_t multiple)
{
  std::vector<float> out(static_cast<size_t>((channels + multiple - 1) / multiple * multiple));
  if (t) {
    const auto data = t->as<float>();
    for (size_t i = 0; i < data.size() && i < static_cast<size_t>(channels); ++i) out[i] = data[i];
  }
  return out;
}

}  // namespace net2c
