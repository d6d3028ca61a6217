// Every kernel family but convolution and dense, against plain loops in double.
#include "kernel_runner.h"
#include "kernels/families_args.h"

using namespace net2c;

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

}  // namespace

TEST(Kernels, Layouts)
{
  for (uint32_t seed = 0; seed < 200 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const bool c8 = r.pick(0, 3);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, c8 ? 40 : 4)), h = u(r.pick(1, 20)), w = u(r.pick(1, 40));
    const net2c_ref x = r.space(size_t{n} * c * h * w * 4), z = r.space(size_t{n} * c * h * w * 4);
    for (uint32_t i = 0; i < n * c * h * w; ++i) r.data(x)[i] = r.real();
    const net2c_map m = r.map(n, c, h, w, c8), copy = r.map(n, c, h, w, c8);
    const auto value = [&](uint32_t i, uint32_t k, int64_t y, int64_t j) { return r.data(x)[((size_t{i} * c + k) * h + u(y)) * w + u(j)]; };
    r.run("to_map", net2c_to_map_args{x, m, 1});
    r.expect(m, value, 0);
    r.run("copy_map", net2c_copy_map_args{m, copy, 1});
    r.expect(copy, value, 0);
    r.run("to_plain", net2c_to_plain_args{copy, z, 1});
    EXPECT_EQ(0, std::memcmp(r.data(x), r.data(z), size_t{n} * c * h * w * 4));
  }
}
