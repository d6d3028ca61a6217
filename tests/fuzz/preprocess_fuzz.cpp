// libFuzzer: whatever a --preprocess file says is an error or works: the picture is prepared in the scratch that was asked for,
// boxes and maps stay inside the outputs and the picture.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include "base/error.h"
#include "driver/postprocess.h"
#include "driver/preprocess.h"

using namespace net2c;

namespace {

// Numbers of both signs, some large.
std::vector<float> numbers(size_t n, uint32_t seed)
{
  std::vector<float> v(n);
  for (float &x : v) {
    seed = seed * 1664525 + 1013904223;
    x = static_cast<float>(static_cast<int32_t>(seed)) / (seed % 7 ? 4e8f : 1e3f);
  }
  return v;
}

void must(bool holds)
{
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const std::string path = "/tmp/preprocess_fuzz." + std::to_string(getpid());
  std::FILE *file = std::fopen(path.c_str(), "wb");
  if (!file) return 0;
  if (size) std::fwrite(data, 1, size, file);
  std::fclose(file);
  uint32_t seed = 1;
  for (size_t i = 0; i < size; ++i) seed = seed * 31 + data[i];
  const bool grey = seed & 1, bytes = seed & 2;
  const uint32_t channels = grey ? 1 : 3, step = seed & 4 ? 1 : seed & 8 ? 3 : 4, w = seed >> 8 & 63, h = seed >> 16 & 63;
  const Shape shape = seed & 16 ? Shape{1, channels, 9, 11} : Shape{1, 9, 11, channels};
  const std::vector<Port> outputs{{"a", Type::f32, {1, 20, 4}}, {"b", Type::f32, {1, 20, 3}}, {"c", Type::f32, {1, 24, 5, 4}}, {"m", Type::f32, {1, 5, 6, 8}}};
  try {
    const Preprocess p = read_preprocess(path, "x", bytes ? Type::u8 : Type::f32, shape, {});
    const Postprocess results = read_postprocess(preprocess_keys(path, {}), outputs, 9, 11, seed & 32 ? 3 : 0);
    const size_t need = net2c_picture_scratch(&p.spec, w, h);
    net2c_place place{};
    if (!need) return 0;
    must(net2c_picture_place(&p.spec, w, h, &place) == 0);
    std::vector<double> scratch((need + 7) / 8);
    const std::vector<uint8_t> pixels(size_t{w} * h * step, static_cast<uint8_t>(seed >> 24));
    std::vector<uint8_t> input(size_t{99} * channels * (bytes ? 1 : 4));
    must(net2c_picture_prepare(&p.spec, p.mean.data(), pixels.data(), w, h, size_t{w} * step, step, scratch.data(), input.data()) == 0);
    std::vector<std::vector<float>> tensors;
    std::vector<const void *> pointers;
    for (const Port &o : outputs) tensors.push_back(numbers(static_cast<size_t>(count(o.shape)), seed));
    for (const auto &t : tensors) pointers.push_back(t.data());
    if (const auto &m = results.map) {
      std::vector<uint8_t> small(size_t{m->height} * m->width), map(size_t{w} * h);
      net2c_map_make(&*m, tensors[m->output].data(), &place, 9, 11, h, w, small.data(), map.data());
    }
    if (const auto &b = results.boxes) {
      std::vector<net2c_candidate> candidates(b->candidates);
      std::vector<net2c_box> boxes(b->most);
      const uint32_t n = net2c_boxes_find(&*b, results.heads.data(), pointers.data(), &place, w, h, candidates.data(), boxes.data());
      must(n <= b->most);
      for (uint32_t i = 0; i < n; ++i)
        must(boxes[i].left >= 0 && boxes[i].right <= static_cast<float>(w) && boxes[i].top >= 0 && boxes[i].bottom <= static_cast<float>(h) && boxes[i].label < results.heads[0].classes);
    }
  } catch (const Error &) {
  }
  return 0;
}
