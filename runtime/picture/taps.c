#include "kernels/strict.h"
#include "runtime/picture/taps.h"

int32_t net2c_floor(double x)
{
  const int32_t i = (int32_t)x;
  return i - (i > x);
}

static int32_t net2c_ceil(double x)
{
  const int32_t i = (int32_t)x;
  return i + (i < x);
}

int32_t net2c_round_even(double x)
{
  const int32_t low = net2c_floor(x);
  const double over = x - low;
  return low + (over > 0.5 || (over == 0.5 && low % 2 != 0));
}

static int net2c_is_tensorflow(uint32_t library) { return library >= NET2C_TENSORFLOW; }

/* OpenCV's scale is the inverse of the rounded inverse. */
static double net2c_opencv_scale(uint32_t in, uint32_t out) { return 1.0 / ((double)out / in); }

struct net2c_resampling net2c_resampling_of(uint32_t library, uint32_t filter, uint32_t width, uint32_t height, uint32_t to_width,
                                            uint32_t to_height)
{
  struct net2c_resampling r = {library, filter, NET2C_FIXED22};
  if (net2c_is_tensorflow(library)) r.arithmetic = NET2C_FLOAT;
  if (library == NET2C_OPENCV && filter != NET2C_NEAREST) {
    const int whole = width % to_width == 0 && height % to_height == 0 && (uint64_t)(width / to_width) * (height / to_height) <= 1u << 23;
    const int larger = width < to_width || height < to_height;
    r.arithmetic = filter == NET2C_BICUBIC ? NET2C_FIXED11_SUM : NET2C_FIXED11;
    /* Half the size bilinear is its area. */
    if (filter == NET2C_BILINEAR && whole && width / to_width == 2 && height / to_height == 2) r.filter = NET2C_AREA;
    if (r.filter == NET2C_AREA && !larger) r.arithmetic = whole ? NET2C_COUNT_SUM : NET2C_FLOAT_ROUND;
  }
  return r;
}

/* Half the width of a filter, in pixels of the larger size. */
static double net2c_radius(uint32_t filter) { return filter == NET2C_AREA ? 0.5 : filter == NET2C_BILINEAR ? 1.0 : 2.0; }

static int net2c_is_antialiased(const struct net2c_resampling *r)
{
  return r->library <= NET2C_PILLOW12 || (r->library == NET2C_TENSORFLOW_ANTIALIAS && r->filter != NET2C_AREA);
}

uint32_t net2c_taps(const struct net2c_resampling *r, uint32_t in, uint32_t out)
{
  const uint32_t ratio = (in + out - 1) / out;
  if (r->filter == NET2C_NEAREST) return 1;
  if (net2c_is_antialiased(r)) return (r->filter == NET2C_BICUBIC ? 4 : 2) * ratio + 2;
  if (r->filter == NET2C_AREA) return ratio + 2;
  return r->filter == NET2C_BICUBIC ? 4 : 2;
}

/* Keys's cubic, 1 at 0 and 0 at 1 and 2. */
static double net2c_cubic(double x, double a)
{
  if (x < 0) x = -x;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

static double net2c_weight(uint32_t filter, double x)
{
  if (filter == NET2C_AREA) return x > -0.5 && x <= 0.5;
  if (filter == NET2C_BICUBIC) return net2c_cubic(x, -0.5);
  if (x < 0) x = -x;
  return x < 1 ? 1 - x : 0;
}

/* The filter as wide as what one output covers (P. Heckbert 1989), its weights' sum 1. */
static void net2c_antialiased(const struct net2c_resampling *r, uint32_t in, uint32_t out, uint32_t i, union net2c_tap *t)
{
  const double ratio = (double)in / out, wide = ratio > 1 ? ratio : 1, support = net2c_radius(r->filter) * wide, inverse = 1 / wide;
  const double centre = (i + 0.5) * ratio, low = centre - support + 0.5, high = centre + support + 0.5;
  const int32_t from = low < 0 ? 0 : (int32_t)low, to = high > in ? (int32_t)in : (int32_t)high;
  double sum = 0;
  for (int32_t j = from; j < to; ++j) sum += net2c_weight(r->filter, (j - centre + 0.5) * inverse);
  t[0].i = from, t[1].i = to - from;
  for (int32_t j = from; j < to; ++j) {
    const double w = net2c_weight(r->filter, (j - centre + 0.5) * inverse) / (sum != 0 ? sum : 1);
    if (r->arithmetic == NET2C_FLOAT) t[2 + j - from].f = (float)w;
    else t[2 + j - from].i = (int32_t)(w * (1 << 22) + (w < 0 ? -0.5 : 0.5));
  }
}

static void net2c_opencv_linear(const struct net2c_resampling *r, uint32_t in, uint32_t out, uint32_t i, union net2c_tap *t)
{
  const double inverse = (double)out / in, scale = net2c_opencv_scale(in, out);
  const float at = (float)((i + 0.5) * scale - 0.5);
  int32_t from = net2c_floor(at);
  float x = at - (float)from, w[4];
  const int cubic = r->filter == NET2C_BICUBIC;
  if (r->filter == NET2C_AREA) { /* enlarging by area: bilinear between the borders of pixels */
    from = net2c_floor(i * scale);
    x = (float)((i + 1) - (from + 1) * inverse);
    x = x <= 0 ? 0.0f : x - (float)net2c_floor(x);
  }
  if (!cubic) {
    w[0] = 1 - x, w[1] = x;
  } else {
    const float a = -0.75f, p = x + 1, q = 1 - x;
    w[0] = ((a * p - 5 * a) * p + 8 * a) * p - 4 * a;
    w[1] = ((a + 2) * x - (a + 3)) * x * x + 1;
    w[2] = ((a + 2) * q - (a + 3)) * q * q + 1;
    w[3] = 1 - w[0] - w[1] - w[2];
  }
  t[0].i = from - cubic, t[1].i = cubic ? 4 : 2;
  for (int32_t j = 0; j < t[1].i; ++j) t[2 + j].i = net2c_round_even(w[j] * 2048.0f);
}

/* Weights by covered length; what covers less than 1/1000 of a pixel is left out. */
static void net2c_opencv_area(uint32_t in, uint32_t out, uint32_t i, union net2c_tap *t)
{
  const double scale = net2c_opencv_scale(in, out), low = i * scale, high = low + scale;
  const double cell = scale < in - low ? scale : in - low;
  int32_t n = 0, first = net2c_ceil(low), last = net2c_floor(high);
  if (last > (int32_t)in - 1) last = (int32_t)in - 1;
  if (first > last) first = last;
  t[0].i = first;
  if (first - low > 1e-3) --t[0].i, t[2 + n++].f = (float)((first - low) / cell);
  for (int32_t j = first; j < last; ++j) t[2 + n++].f = (float)(1 / cell);
  if (high - last > 1e-3) {
    double part = high - last < 1 ? high - last : 1;
    if (part > cell) part = cell;
    t[2 + n++].f = (float)(part / cell);
  }
  t[1].i = n;
}

static void net2c_tensorflow_area(uint32_t in, uint32_t out, uint32_t i, union net2c_tap *t)
{
  const float scale = (float)in / (float)out, low = (float)i * scale, high = (float)(i + 1) * scale;
  const int32_t from = net2c_floor(low), to = net2c_ceil(high);
  t[0].i = from, t[1].i = to - from;
  for (int32_t j = from; j < to; ++j) {
    const float begin = (float)j < low ? low : (float)j, end = (float)(j + 1) > high ? high : (float)(j + 1);
    t[2 + j - from].f = (end - begin) / scale;
  }
}

static void net2c_tensorflow_cubic(uint32_t library, uint32_t in, float at, union net2c_tap *t)
{
  const int32_t from = net2c_floor(at);
  const double a = library == NET2C_TENSORFLOW ? -0.5 : -0.75;
  const double x = net2c_round_even((at - (float)from) * 1024.0f) / 1024.0; /* its table has 1024 steps */
  float sum = 0;
  t[0].i = from - 1, t[1].i = 4;
  for (int32_t j = 0; j < 4; ++j) {
    float *w = &t[2 + j].f;
    *w = (float)net2c_cubic(x + 1 - j, a);
    if (library == NET2C_TENSORFLOW && (from - 1 + j < 0 || from - 1 + j >= (int32_t)in)) *w = 0; /* nothing beyond the border */
    sum += *w;
  }
  if (library == NET2C_TENSORFLOW)
    for (int32_t j = 0; j < 4; ++j) t[2 + j].f /= sum;
}

static void net2c_tensorflow_taps(const struct net2c_resampling *r, uint32_t in, uint32_t out, uint32_t i, union net2c_tap *t)
{
  const int aligned = r->library == NET2C_TENSORFLOW1_ALIGNED && out > 1;
  const int centres = r->library == NET2C_TENSORFLOW || r->library == NET2C_TENSORFLOW_ANTIALIAS;
  const float scale = aligned ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
  const float corner = (float)i * scale, centre = ((float)i + 0.5f) * scale;
  if (r->filter == NET2C_NEAREST) {
    const int32_t from = aligned ? net2c_floor((double)corner + 0.5) : net2c_floor(centres ? centre : corner);
    t[0].i = from < (int32_t)in ? from : (int32_t)in - 1, t[1].i = 1, t[2].f = 1;
  } else if (r->filter == NET2C_BICUBIC) {
    net2c_tensorflow_cubic(r->library, in, centres ? centre - 0.5f : corner, t);
  } else {
    const float at = centres ? centre - 0.5f : corner;
    const int32_t from = net2c_floor(at);
    t[0].i = from, t[1].i = 2;
    t[3].f = at - (float)from, t[2].f = 1 - t[3].f;
  }
}

/* Pillow adds up the positions, OpenCV multiplies. */
static void net2c_nearest(const struct net2c_resampling *r, uint32_t in, uint32_t out, uint32_t first, uint32_t count, union net2c_tap *t)
{
  const double step = (double)in / out, scale = net2c_opencv_scale(in, out);
  double at = step * 0.5;
  for (uint32_t i = 0; i < first + count; ++i, at += step) {
    const int32_t from = r->library <= NET2C_PILLOW12 ? (int32_t)at : net2c_floor(i * scale);
    if (i < first) continue;
    t[0].i = from < (int32_t)in ? from : (int32_t)in - 1, t[1].i = 1, t[2].i = 1 << 22;
    t += 3;
  }
}

void net2c_taps_make(const struct net2c_resampling *r, uint32_t in, uint32_t out, uint32_t first, uint32_t count, union net2c_tap *table)
{
  const uint32_t pitch = 2 + net2c_taps(r, in, out);
  if (r->filter == NET2C_NEAREST && !net2c_is_tensorflow(r->library)) {
    net2c_nearest(r, in, out, first, count, table);
    return;
  }
  for (uint32_t i = first; i < first + count; ++i, table += pitch) {
    if (net2c_is_antialiased(r) && r->filter != NET2C_NEAREST) net2c_antialiased(r, in, out, i, table);
    else if (r->arithmetic == NET2C_COUNT_SUM) {
      table[0].i = (int32_t)(i * (in / out)), table[1].i = (int32_t)(in / out);
      for (uint32_t j = 0; j < in / out; ++j) table[2 + j].i = 1;
    } else if (r->arithmetic == NET2C_FLOAT_ROUND) net2c_opencv_area(in, out, i, table);
    else if (r->library == NET2C_OPENCV) net2c_opencv_linear(r, in, out, i, table);
    else if (r->filter == NET2C_AREA) net2c_tensorflow_area(in, out, i, table);
    else net2c_tensorflow_taps(r, in, out, i, table);
  }
}
