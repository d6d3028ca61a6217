// GFLOP/s of the convolution kernels by shape and ISA, one thread, warm; Winograd's and Strassen's count as direct ones. net2c_kernel_bench [ISA] [word in the shape's name]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "kernels/act/act_args.h"
#include "kernels/conv/conv_args.h"
#include "kernels/dense/dense_args.h"
#include "kernels/depthwise/depthwise_args.h"
#include "kernels/norm/norm_args.h"
#include "kernels/pool/pool_args.h"
#include "kernels/strassen/strassen_args.h"
#include "kernels/winograd/nested_args.h"
#include "kernels/winograd/winograd_args.h"
#include "lower/winograd.h"
#include "plan/plan.h"

using namespace net2c;

namespace {

struct Layer {
  const char *name;
  uint32_t ic, oc, h, w, k, s;   // output size; input (h * s) x (w * s)
  uint32_t kw = k;
};
constexpr Layer convs[] = {
    {"1x1 64->256 @56", 64, 256, 56, 56, 1, 1},     {"1x1 256->64 @56", 256, 64, 56, 56, 1, 1},
    {"1x1 512->128 @28", 512, 128, 28, 28, 1, 1},   {"1x1 512->512 @14", 512, 512, 14, 14, 1, 1},
    {"1x1 1024->256 @14", 1024, 256, 14, 14, 1, 1}, {"1x1 512->2048 @7", 512, 2048, 7, 7, 1, 1},
    {"1x1 1024->1024 @7", 1024, 1024, 7, 7, 1, 1},  {"1x1 768->192 @17", 768, 192, 17, 17, 1, 1},
    {"1x1 256->256 @28", 256, 256, 28, 28, 1, 1},   {"1x1 256->1024 @14", 256, 1024, 14, 14, 1, 1},
    {"1x1 2048->512 @7", 2048, 512, 7, 7, 1, 1},    {"3x3s2 128->128 @28", 128, 128, 28, 28, 3, 2},
    {"3x3s2 32->32 @56", 32, 32, 56, 56, 3, 2},     {"3x3s2 64->128 @60x80", 64, 128, 60, 80, 3, 2},
    {"3x3 128->128 @28", 128, 128, 28, 28, 3, 1},   {"3x3 512->512 @7", 512, 512, 7, 7, 3, 1},
    {"1x1 16->96 @112", 16, 96, 112, 112, 1, 1},    {"1x1 96->24 @56", 96, 24, 56, 56, 1, 1},
    {"1x1 24->144 @56", 24, 144, 56, 56, 1, 1},     {"1x1 144->32 @28", 144, 32, 28, 28, 1, 1},
    {"1x1 32->192 @28", 32, 192, 28, 28, 1, 1},     {"1x1 384->64 @14", 384, 64, 14, 14, 1, 1},
    {"1x1 64->40 @28", 64, 40, 28, 28, 1, 1},       {"4x4s2 32->64 @120x160", 32, 64, 120, 160, 4, 2},
    {"3x3 16->8 @64", 16, 8, 64, 64, 3, 1},         {"1x7 128->128 @17", 128, 128, 17, 17, 1, 1, 7},
    {"7x1 128->128 @17", 128, 128, 17, 17, 7, 1, 1}, {"1x7 160->160 @17", 160, 160, 17, 17, 1, 1, 7},
    {"7x1 160->160 @17", 160, 160, 17, 17, 7, 1, 1}, {"1x7 192->192 @17", 192, 192, 17, 17, 1, 1, 7},
    {"7x1 192->192 @17", 192, 192, 17, 17, 7, 1, 1}, {"1x3 384->384 @8", 384, 384, 8, 8, 1, 1, 3},
    {"3x1 384->384 @8", 384, 384, 8, 8, 3, 1, 1},
};
constexpr Layer images[] = {{"image 7x7s2 3->64 @112", 3, 64, 112, 112, 7, 2}, {"image 3x3s2 3->32 @112", 3, 32, 112, 112, 3, 2},
                            {"image 5x5 3->16 @480x640", 3, 16, 480, 640, 5, 1},   {"image 3x3 3->16 @416", 3, 16, 416, 416, 3, 1}};
constexpr Layer narrows[] = {{"narrow 9x9 32->3 @480x640", 32, 3, 480, 640, 9, 1}, {"narrow 5x5 16->3 @480x640", 16, 3, 480, 640, 5, 1},
                             {"narrow 3x3 64->3 @224", 64, 3, 224, 224, 3, 1},     {"narrow 3x3 64->1 @256", 64, 1, 256, 256, 3, 1},
                             {"narrow 3x3 16->4 @256", 16, 4, 256, 256, 3, 1},     {"narrow 1x1 64->2 @256", 64, 2, 256, 256, 1, 1}};
constexpr Layer nested[] = {{"nested 9x9 32->3 @480x640", 32, 3, 480, 640, 9, 1}, {"nested 9x9 32->1 @240x320", 32, 1, 240, 320, 9, 1},
                            {"nested 9x9 8->1 @240x320", 8, 1, 240, 320, 9, 1},   {"nested 9x9 8->2 @240x320", 8, 2, 240, 320, 9, 1},
                            {"nested 9x9 8->4 @240x320", 8, 4, 240, 320, 9, 1},   {"nested 9x9 64->1 @240x320", 64, 1, 240, 320, 9, 1},
                            {"nested 9x9 128->3 @60x80", 128, 3, 60, 80, 9, 1},   {"nested 9x9 16->3 @24", 16, 3, 24, 24, 9, 1},
                            {"nested 9x9 32->3 @12", 32, 3, 12, 12, 9, 1}};
constexpr Layer pictures[] = {{"picture 9x9 3->32 @560x720", 3, 32, 560, 720, 9, 1}, {"picture 9x9 3->16 @240x320", 3, 16, 240, 320, 9, 1},
                              {"picture 9x9 3->64 @60x80", 3, 64, 60, 80, 9, 1}};
constexpr Layer winograds[] = {{"F(4,3) 64->64 @56", 64, 64, 56, 56, 3, 1},       {"F(4,3) 64->64 @224", 64, 64, 224, 224, 3, 1},
                               {"F(4,3) 128->128 @28", 128, 128, 28, 28, 3, 1},   {"F(4,3) 256->256 @14", 256, 256, 14, 14, 3, 1},
                               {"F(4,3) 512->512 @7", 512, 512, 7, 7, 3, 1},      {"F(4,3) 512->512 @14", 512, 512, 14, 14, 3, 1},
                               {"F(4,3) 16->64 @55", 16, 64, 55, 55, 3, 1},       {"F(4,3) 64->256 @13", 64, 256, 13, 13, 3, 1},
                               {"F(4,3) 32->32 @147", 32, 32, 147, 147, 3, 1},    {"F(2,5) 96->256 @27", 96, 256, 27, 27, 5, 1},
                               {"F(2,5) 16->32 @28", 16, 32, 28, 28, 5, 1},       {"F(4,3) 256->256 @56", 256, 256, 56, 56, 3, 1},
                               {"F 1x7 128->128 @17", 128, 128, 17, 17, 1, 1, 7}, {"F 7x1 128->128 @17", 128, 128, 17, 17, 7, 1, 1},
                               {"F 1x7 160->160 @17", 160, 160, 17, 17, 1, 1, 7}, {"F 7x1 160->160 @17", 160, 160, 17, 17, 7, 1, 1},
                               {"F 1x7 192->192 @17", 192, 192, 17, 17, 1, 1, 7}, {"F 7x1 192->192 @17", 192, 192, 17, 17, 7, 1, 1},
                               {"F 1x3 384->384 @8", 384, 384, 8, 8, 1, 1, 3},    {"F 3x1 384->384 @8", 384, 384, 8, 8, 3, 1, 1},
                               {"F 3x3s2 32->32 @56", 32, 32, 56, 56, 3, 2},      {"F 3x3s2 128->128 @28", 128, 128, 28, 28, 3, 2},
                               {"F 3x3s2 64->128 @60x80", 64, 128, 60, 80, 3, 2}, {"F 4x4s2 32->64 @120x160", 32, 64, 120, 160, 4, 2}};
constexpr Layer strassens[] = {{"Strassen 256->256 @28", 256, 256, 28, 28, 1, 1},   {"Strassen 512->128 @28", 512, 128, 28, 28, 1, 1},
                               {"Strassen 512->512 @14", 512, 512, 14, 14, 1, 1},   {"Strassen 1024->256 @14", 1024, 256, 14, 14, 1, 1},
                               {"Strassen 768->192 @17", 768, 192, 17, 17, 1, 1},   {"Strassen 256->1024 @14", 256, 1024, 14, 14, 1, 1},
                               {"Strassen 1024->1024 @7", 1024, 1024, 7, 7, 1, 1},  {"Strassen 2048->512 @7", 2048, 512, 7, 7, 1, 1}};
constexpr Layer depthwise[] = {{"dw 3x3 32@112", 32, 32, 112, 112, 3, 1},   {"dw 3x3 128@56", 128, 128, 56, 56, 3, 1},
                               {"dw 3x3 512@14", 512, 512, 14, 14, 3, 1},   {"dw 3x3 1024@7", 1024, 1024, 7, 7, 3, 1},
                               {"dw 3x3s2 128@28", 128, 128, 28, 28, 3, 2}, {"dw 3x3s2 64@56", 64, 64, 56, 56, 3, 2},
                               {"dw 5x5 120@28", 120, 120, 28, 28, 5, 1},   {"dw 5x5 960@7", 960, 960, 7, 7, 5, 1},
                               {"dw 5x5s2 144@28", 144, 144, 28, 28, 5, 2}, {"dw 7x7 40@56", 40, 40, 56, 56, 7, 1},
                               {"dw 5x5s2 672@7", 672, 672, 7, 7, 5, 2},    {"dw 5x5 672@14", 672, 672, 14, 14, 5, 1}};
constexpr Layer maxima[] = {{"max 3x3s2 64@56", 64, 64, 56, 56, 3, 2},    {"max 3x3s2 192@28", 192, 192, 28, 28, 3, 2}, {"max 3x3s2 832@7", 832, 832, 7, 7, 3, 2},
                            {"max 3x3s2 16@14", 16, 16, 14, 14, 3, 2},    {"max 3x3 192@28", 192, 192, 28, 28, 3, 1},   {"max 3x3 832@7", 832, 832, 7, 7, 3, 1},
                            {"max 2x2s2 64@128", 64, 64, 128, 128, 2, 2}, {"max 2x2s2 256@32", 256, 256, 32, 32, 2, 2}, {"max 2x2 512@13", 512, 512, 13, 13, 2, 1}};
constexpr Layer averages[] = {{"average 3x3 192@35", 192, 192, 35, 35, 3, 1}, {"average 3x3 768@17", 768, 768, 17, 17, 3, 1},
                              {"average 3x3 1280@8", 1280, 1280, 8, 8, 3, 1}, {"average 3x3 32@8", 32, 32, 8, 8, 3, 1}};
// What a chunk of a convolution has just written; what one reads next.
constexpr Layer moments[] = {{"moments 32@4x180", 32, 32, 4, 180, 1, 1}, {"moments 32@4x360", 32, 32, 4, 360, 1, 1}};
constexpr Layer normalised[] = {{"normalise 8@9x720", 8, 8, 9, 720, 1, 1}, {"normalise 128@140x180", 128, 128, 140, 180, 1, 1}};
constexpr Layer denses[] = {{"dense 1x2048->1000", 2048, 1000, 1, 1, 1, 1}, {"dense 128x768->768", 768, 768, 128, 1, 1, 1}};

class Memory {
 public:
  net2c_ref take(size_t floats)
  {
    const size_t at = used_;
    used_ += (floats + 31) / 16 * 16;
    if (used_ * 8 > size) std::abort();   // the other half is scratch
    return NET2C_REF(NET2C_ARENA, at / 16);
  }
  net2c_map map(uint32_t c, uint32_t h, uint32_t w, uint32_t halo, uint32_t lanes)
  {
    net2c_map m{};
    m.n = 1, m.c = c, m.h = h, m.w = w, m.lanes = lanes, m.top = m.bottom = m.left = m.right = halo;
    m.pitch = w + 2 * halo, m.plane = m.pitch * (h + 2 * halo);
    m.plane += m.plane & 1;
    if (m.plane % 128 == 0) m.plane += 2;
    const uint32_t blocks = lanes == 8 ? (c + 7) / 8 : 1;
    m.image = m.plane * blocks;
    m.base = take(size_t{m.image} * lanes);
    return m;
  }
  net2c_frame frame()
  {
    for (size_t i = 0; i < used_; ++i) floats_[i] = static_cast<float>(i % 17) * 0.01f - 0.08f;
    return {reinterpret_cast<char *>(floats_), reinterpret_cast<char *>(floats_), reinterpret_cast<char *>(floats_ + size / 8), nullptr, nullptr};
  }

 private:
  static constexpr size_t size = size_t{256} << 20;
  float *floats_ = static_cast<float *>(std::aligned_alloc(64, size));
  size_t used_ = 0;
};

KernelFunction function_of(const char *kernel, Isa isa)
{
  Recipe recipe;
  recipe.steps.push_back({kernel_named(kernel), {}, 1, 0, "", 0, {}});
  return plan_for(recipe, isa).kernels[0];
}

template <class Run>
void time(const char *name, Isa isa, uint64_t macs, Run run)
{
  double best = 1e9, total = 0;
  for (int i = 0; i < 12 || (total < 0.2 && i < 2000); ++i) {
    const auto from = std::chrono::steady_clock::now();
    run();
    const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
    best = std::min(best, s), total += s;
  }
  std::printf("%-10s %-26s %8.1f us  %6.1f GFLOP/s\n", name_of(isa), name, best * 1e6, 2e-9 * static_cast<double>(macs) / best);
}

template <class Args>
void time(const char *name, const char *kernel, Isa isa, const Args &a, Memory &memory, uint64_t macs)
{
  const net2c_frame frame = memory.frame();
  const KernelFunction f = function_of(kernel, isa);
  time(name, isa, macs, [&] { f(&a, &frame, 0); });
}

bool wanted(const char *name, const char *word) { return !word || std::strstr(name, word); }

void convolution(const Layer &s, bool image, Isa isa)
{
  Memory m;
  const uint32_t lanes = image ? s.ic : 8, halo = std::max(s.k, s.kw) / 2, ic = image ? s.ic : (s.ic + 7) / 8 * 8, oc = (s.oc + 7) / 8 * 8;
  const net2c_map x = m.map(s.ic, s.h * s.s, s.w * s.s, halo, lanes), y = m.map(s.oc, s.h, s.w, 0, 8);
  net2c_map none{};
  none.base = NET2C_NONE;
  const uint32_t in_pixel = ic * s.s * s.s * 4;
  const net2c_conv_args a{x, y, none, m.take(size_t{oc} * s.k * s.kw * ic), m.take(oc + 16), NET2C_NONE, NET2C_NONE, 1, image ? 1 : ic / 8, oc / 8,
                          s.k, s.kw, s.s, s.s, 1, 1, static_cast<int32_t>(s.k / 2), static_cast<int32_t>(s.kw / 2), NET2C_ACT_CLIP, 0,
                          std::numeric_limits<float>::infinity(), std::max(48u, (256u << 10) / in_pixel), 1, 1};
  time(s.name, image ? "conv_image" : "conv", isa, a, m, uint64_t{s.h} * s.w * s.oc * s.ic * s.k * s.kw);
}

void narrow(const Layer &s, Isa isa)
{
  Memory m;
  const net2c_map x = m.map(s.ic, s.h, s.w, s.k / 2, 8), y = m.map(s.oc, s.h, s.w, 0, 8);
  net2c_map none{};
  none.base = NET2C_NONE;
  const int32_t pad = static_cast<int32_t>(s.k / 2);
  const net2c_conv_narrow_args a{x, y, NET2C_NONE, none, m.take(size_t{s.oc} * s.k * s.k * s.ic), m.take(16), NET2C_NONE, NET2C_NONE, s.k, s.k, 1, 1, 1, pad, pad,
                                 NET2C_ACT_CLIP, 0, std::numeric_limits<float>::infinity(), 1};
  time(s.name, ("conv_narrow" + std::to_string(s.oc)).c_str(), isa, a, m, uint64_t{s.h} * s.w * s.oc * s.ic * s.k * s.k);
}

void nested_narrow(const Layer &s, Isa isa)
{
  narrow(s, isa);
  Memory m;
  const net2c_map x = m.map(s.ic, s.h, s.w, 4, 8), y = m.map(s.oc, s.h, s.w, 0, 8);
  net2c_map none{};
  none.base = NET2C_NONE;
  const net2c_nested_narrow_args a{x, y, NET2C_NONE, none, m.take(size_t{s.oc} * 81 * s.ic), m.take(16), NET2C_NONE, NET2C_NONE, 4, 4,
                                   NET2C_ACT_CLIP, 0, std::numeric_limits<float>::infinity(), (s.ic * s.w / 3 + 1535) / 1536, 1};
  time(s.name, ("nested_narrow" + std::to_string(s.oc)).c_str(), isa, a, m, uint64_t{s.h} * s.w * s.oc * s.ic * 81);
}

void nested_image(const Layer &s, Isa isa)
{
  convolution(s, true, isa);
  Memory m;
  const net2c_map x = m.map(s.ic, s.h, s.w, 4, s.ic), y = m.map(s.oc, s.h, s.w, 0, 8);
  net2c_map none{};
  none.base = NET2C_NONE;
  const net2c_nested_image_args a{x, y, none, m.take(size_t{s.oc} * 81 * s.ic), m.take(s.oc), NET2C_NONE, NET2C_NONE, 4, 4,
                                  NET2C_ACT_CLIP, 0, std::numeric_limits<float>::infinity(), 1, 1};
  time(s.name, "nested_image", isa, a, m, uint64_t{s.h} * s.w * s.oc * s.ic * 81);
}

void winograd(const Layer &s, Isa isa)
{
  Memory memory;
  const bool line = s.k == 1 || s.kw == 1, vertical = s.kw == 1, seven = std::max(s.k, s.kw) == 7;
  const uint32_t m = seven ? 3 : s.s == 2 ? 4 : 7 - std::max(s.k, s.kw), pieces = seven ? 2 : 1, images = s.s * s.s, points = line ? 6 : s.s == 2 ? 25 : 36;
  const uint32_t ic = s.ic / 8, oc = s.oc / 8, halo = std::max(s.k, s.kw) / 2;
  const uint32_t rows = vertical ? s.w : line ? s.h : (s.h + m - 1) / m, columns = ((vertical ? s.h : s.w) + m - 1) / m, read = columns + pieces - 1;
  const net2c_map x = memory.map(s.ic, s.h * s.s, s.w * s.s, halo, 8), y = memory.map(s.oc, s.h, s.w, 0, 8);
  net2c_map none{};
  none.base = NET2C_NONE;
  const uint32_t strip = static_cast<uint32_t>(winograd_strip_rows(rows, columns, int64_t{points * 4} * s.ic * images * read, false));
  const uint32_t pitch = strip * read + (strip * read % 128 == 0 ? 2 : 0), depth = ic * pieces * images;
  const uint32_t band = points == 36 && m == 4 && (s.h % 4 || s.w % 4) ? static_cast<uint32_t>(winograd_band_rows(strip, columns)) : 0;
  const net2c_ref v = memory.take(points * NET2C_WINOGRAD_PLANE(size_t{ic} * images * pitch * 8));
  net2c_winograd_input_args in{x, v, m, rows, read, 0, strip, pitch, static_cast<int32_t>(s.k / 2), static_cast<int32_t>(s.kw / 2), (s.h - 1) * s.s + s.k,
                               (s.w - 1) * s.s + s.kw, vertical, band, 1};
  net2c_winograd_args a{v, y, none, memory.take(size_t{s.oc} * s.k * s.kw * s.ic), memory.take(s.oc + 16), NET2C_NONE, NET2C_NONE, 1, ic, oc,
                        rows, columns, 0, strip, pitch, 0, 0,
                        strip * columns > NET2C_WINOGRAD_BLOCK ? depth : std::min(depth, NET2C_WINOGRAD_FILTER_BYTES / (points * 512)), vertical, band, 0, NET2C_ACT_CLIP, 0,
                        std::numeric_limits<float>::infinity(), 1, 1};
  const net2c_frame frame = memory.frame();
  const KernelFunction first = function_of(line ? "winograd_input_1d" : s.s == 1 ? "winograd_input" : s.k == 3 ? "winograd_input54_s2" : "winograd_input5_s2", isa);
  const KernelFunction second = function_of(line ? (seven ? "winograd7_1d" : "winograd3_1d") : s.s == 2 ? (s.k == 3 ? "winograd3_s2" : "winograd4_s2")
                                            : s.k == 3 ? "winograd3" : "winograd5", isa);
  time(s.name, isa, uint64_t{s.h} * s.w * s.oc * s.ic * s.k * s.kw, [&] {
    for (uint32_t r = 0; r < rows; r += strip) {
      in.first = a.first = r, in.rows = a.rows = std::min(strip, rows - r);
      first(&in, &frame, 0), second(&a, &frame, 0);
    }
  });
}

void strassen(const Layer &s, Isa isa)
{
  Memory memory;
  const net2c_map x = memory.map(s.ic, s.h, s.w, 0, 8), y = memory.map(s.oc, s.h, s.w, 0, 8);
  net2c_map none{};
  none.base = NET2C_NONE;
  const uint32_t pixels = s.h * s.w / 2 / NET2C_STRASSEN_PIXELS * NET2C_STRASSEN_PIXELS;
  const net2c_ref v = memory.take(NET2C_STRASSEN_BYTES(size_t{s.ic}, pixels) / 4);
  const net2c_strassen_input_args in{x, v, pixels, 1};
  const net2c_strassen_args a{x, v, y, none, memory.take(size_t{s.oc} * s.ic), memory.take(s.oc), NET2C_NONE, NET2C_NONE, pixels, NET2C_ACT_CLIP, 0,
                              std::numeric_limits<float>::infinity(), 1, 1};
  const net2c_frame frame = memory.frame();
  const KernelFunction first = function_of("strassen_input", isa), second = function_of("strassen", isa);
  time(s.name, isa, uint64_t{s.h} * s.w * s.oc * s.ic, [&] { first(&in, &frame, 0), second(&a, &frame, 0); });
}

void depthwise_convolution(const Layer &s, Isa isa)
{
  Memory m;
  const net2c_map x = m.map(s.ic, s.h * s.s, s.w * s.s, s.k / 2, 8), y = m.map(s.oc, s.h, s.w, 0, 8);
  net2c_map none{};
  none.base = NET2C_NONE;
  const int32_t pad = static_cast<int32_t>(s.k / 2);
  const net2c_depthwise_args a{x, y, none, m.take(size_t{s.ic} * s.k * s.k), m.take(s.oc + 16), NET2C_NONE, NET2C_NONE, s.k, s.k, s.s, s.s, 1, 1,
                               pad, pad, NET2C_ACT_CLIP, 0, 6, 1, 1, 0, 0};
  time(s.name, s.k == 3 ? (s.s == 1 ? "depthwise3x3_s1" : "depthwise3x3_s2") : s.s == 1 ? "depthwise_s1" : "depthwise_s2", isa, a, m,
       uint64_t{s.h} * s.w * s.oc * s.k * s.k);
}

// Of three taps and stride 1 with a border of one pixel, else from the first pixel on, the last windows perhaps cut off.
void pool(const Layer &s, const char *kind, Isa isa)
{
  Memory m;
  const uint32_t pad = s.k == 3 && s.s == 1;
  const net2c_pool_args a{m.map(s.ic, s.h * s.s, s.w * s.s, 0, 8), m.map(s.oc, s.h, s.w, 0, 8), s.k, s.k, s.s, s.s, 1, 1, pad, pad, pad, pad, 0, 1, 1, 0, 0};
  const std::string kernel = std::string(kind) + "_pool_" + std::to_string(s.k) + "_" + std::to_string(s.s);
  time(s.name, kernel.c_str(), isa, a, m, uint64_t{s.h} * s.w * s.oc * s.k * s.k / 2);
}

void take_moments(const Layer &s, Isa isa)
{
  Memory m;
  const uint32_t blocks = s.ic / 8;
  const net2c_moments_args a{m.map(s.ic, s.h, s.w, 0, 8), m.take(blocks * sizeof(net2c_block_moments) / 4), 1, 0, 0, s.h, s.h, 1, 1, 1, blocks, 1, 1};
  time(s.name, "moments", isa, a, m, uint64_t{s.h} * s.w * s.ic * 3 / 2);
}

void normalise(const Layer &s, Isa isa)
{
  Memory m;
  net2c_map none{};
  none.base = NET2C_NONE;
  const net2c_normalise_args a{m.map(s.ic, s.h, s.w, 0, 8), m.map(s.ic, s.h, s.w, 1, 8), none, m.take(s.ic * 3), NET2C_ACT_CLIP, 0,
                               std::numeric_limits<float>::infinity(), 1};
  time(s.name, "normalise", isa, a, m, uint64_t{s.h} * s.w * s.ic);
}

void dense(const Layer &s, Isa isa)
{
  Memory m;
  const uint32_t n = (s.oc + 31) / 32 * 32;
  const net2c_dense_args a{m.take(size_t{s.h} * s.ic), m.take(size_t{s.h} * s.oc), NET2C_NONE, m.take(size_t{n} * s.ic), m.take(n), NET2C_NONE,
                           NET2C_NONE, 1, s.h, s.ic, s.oc, s.h * s.ic, 0, NET2C_ACT_CLIP, 0, std::numeric_limits<float>::infinity(), 1, 1};
  time(s.name, "dense", isa, a, m, uint64_t{s.h} * s.ic * s.oc);
}

}  // namespace

int main(int argc, char **argv)
{
  const char *word = argc > 2 ? argv[2] : nullptr;
  for (Isa isa : {Isa::avx512, Isa::avx2, Isa::neon, Isa::portable}) {
    if (!runs_here(isa) || (argc > 1 && std::strcmp(argv[1], name_of(isa)) != 0)) continue;
    for (const Layer &s : convs)
      if (wanted(s.name, word)) convolution(s, false, isa);
    for (const Layer &s : images)
      if (wanted(s.name, word)) convolution(s, true, isa);
    for (const Layer &s : narrows)
      if (wanted(s.name, word)) narrow(s, isa);
    for (const Layer &s : nested)
      if (wanted(s.name, word)) nested_narrow(s, isa);
    for (const Layer &s : pictures)
      if (wanted(s.name, word)) nested_image(s, isa);
    for (const Layer &s : winograds)
      if (wanted(s.name, word)) winograd(s, isa);
    for (const Layer &s : strassens)
      if (wanted(s.name, word)) strassen(s, isa);
    for (const Layer &s : depthwise)
      if (wanted(s.name, word)) depthwise_convolution(s, isa);
    for (const Layer &s : maxima)
      if (wanted(s.name, word)) pool(s, "max", isa);
    for (const Layer &s : averages)
      if (wanted(s.name, word)) pool(s, "average", isa);
    for (const Layer &s : moments)
      if (wanted(s.name, word)) take_moments(s, isa);
    for (const Layer &s : normalised)
      if (wanted(s.name, word)) normalise(s, isa);
    for (const Layer &s : denses)
      if (wanted(s.name, word)) dense(s, isa);
  }
}
