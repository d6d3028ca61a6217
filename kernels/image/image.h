/* From a picture to a network's input: short side resized, centre cropped, channels ordered, scaled and shifted.
 * The resize is Pillow's antialiased bilinear filter, bit for bit: triangle of support max(1, in / out), coefficients
 * normalised in double and rounded to 22 bits, one pass across, one down, each rounded to 8 bits (P. Heckbert's separable
 * filtered resampling, 1989). No libm, no allocation. */
#ifndef NET2C_IMAGE_H
#define NET2C_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct net2c_picture_spec {
  uint32_t resize_short;      /* 0: not resized */
  uint32_t height, width;     /* of the input: the centre crop */
  uint32_t channels;          /* of the input: 1 (luma of a colour picture) or 3 */
  uint32_t bgr;               /* 1: blue first */
  uint32_t interleaved;       /* 1: [H][W][C], 0: [C][H][W] */
  float scale[3], shift[3];   /* y = x * scale + shift by input channel, x in 0..255 */
};

/* Size of the picture after the resize. */
static inline __attribute__((unused)) void net2c_picture_resized(const struct net2c_picture_spec *s, uint32_t w, uint32_t h,
                                                                 uint32_t *rw, uint32_t *rh)
{
  *rw = w, *rh = h;
  if (!s->resize_short || !w || !h) return;
  if (w <= h) *rw = s->resize_short, *rh = (uint32_t)((uint64_t)s->resize_short * h / w);
  else *rh = s->resize_short, *rw = (uint32_t)((uint64_t)s->resize_short * w / h);
}

static inline __attribute__((unused)) uint32_t net2c_picture_taps(uint32_t in, uint32_t out)
{
  return in > out ? 2 * ((in + out - 1) / out) + 2 : 4;
}

/* Bytes of scratch for net2c_picture_to_input; 0: the picture is too small or too large for this spec. */
static inline __attribute__((unused)) size_t net2c_picture_scratch(const struct net2c_picture_spec *s, uint32_t w, uint32_t h)
{
  uint32_t rw, rh;
  net2c_picture_resized(s, w, h, &rw, &rh);
  if (!w || !h || w > 1u << 15 || h > 1u << 15 || rw < s->width || rh < s->height) return 0;
  return ((size_t)s->width * (2 + net2c_picture_taps(w, rw)) + (size_t)s->height * (2 + net2c_picture_taps(h, rh))) * 4 +
         (size_t)h * s->width * 3;
}

/* Taps of outputs first .. first + count - 1: for each {start, number, taps coefficients of 22 bits}. */
static inline __attribute__((unused)) void net2c_picture_coefficients(int32_t *table, uint32_t taps, uint32_t in, uint32_t out,
                                                                      uint32_t first, uint32_t count)
{
  const double ratio = (double)in / out, support = ratio > 1.0 ? ratio : 1.0, inverse = 1.0 / support;
  for (uint32_t i = 0; i < count; ++i, table += 2 + taps) {
    const double centre = (first + i + 0.5) * ratio;
    const double low = centre - support + 0.5, high = centre + support + 0.5;
    int32_t from = low < 0 ? 0 : (int32_t)low, to = high > in ? (int32_t)in : (int32_t)high;
    double sum = 0;
    for (int pass = 0; pass < 2; ++pass)
      for (int32_t j = from; j < to; ++j) {
        double x = (j - centre + 0.5) * inverse, c;
        if (x < 0) x = -x;
        c = x < 1.0 ? 1.0 - x : 0.0;
        if (!pass) sum += c;
        else table[2 + j - from] = (int32_t)(c / sum * (1 << 22) + 0.5);
      }
    table[0] = from, table[1] = to - from;
  }
}

static inline __attribute__((unused)) uint8_t net2c_picture_round(int32_t sum)
{
  sum >>= 22;
  return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* pixels: [h][stride bytes], `channels` interleaved bytes a pixel: 1 grey, 3 RGB, 4 RGBA (alpha ignored).
 * 0, or 1 where net2c_picture_scratch is 0. */
static inline __attribute__((unused)) int net2c_picture_to_input(const struct net2c_picture_spec *s, const uint8_t *pixels, uint32_t w,
                                                                 uint32_t h, size_t stride, uint32_t channels, void *scratch,
                                                                 float *input)
{
  uint32_t rw, rh, x0, y0, tx, ty;
  int32_t *across = (int32_t *)scratch, *down;
  uint8_t *rows;
  const size_t area = (size_t)s->height * s->width;
  if (!net2c_picture_scratch(s, w, h)) return 1;
  net2c_picture_resized(s, w, h, &rw, &rh);
  /* The middle; a half goes to the even side, as Python's round does. */
  x0 = (rw - s->width) / 2, y0 = (rh - s->height) / 2;
  if ((rw - s->width) % 2 && x0 % 2) ++x0;
  if ((rh - s->height) % 2 && y0 % 2) ++y0;
  tx = net2c_picture_taps(w, rw), ty = net2c_picture_taps(h, rh);
  down = across + (size_t)s->width * (2 + tx);
  rows = (uint8_t *)(down + (size_t)s->height * (2 + ty));
  net2c_picture_coefficients(across, tx, w, rw, x0, s->width);
  net2c_picture_coefficients(down, ty, h, rh, y0, s->height);
  {
    const int32_t *last = down + (size_t)(s->height - 1) * (2 + ty);
    const uint32_t from = (uint32_t)down[0], to = (uint32_t)(last[0] + last[1]);
    for (uint32_t y = from; y < to; ++y)
      for (uint32_t x = 0; x < s->width; ++x) {
        const int32_t *t = across + (size_t)x * (2 + tx);
        for (uint32_t c = 0; c < 3; ++c) {
          const uint8_t *p = pixels + y * stride + (size_t)t[0] * channels + (channels >= 3 ? c : 0);
          uint8_t *q = rows + ((size_t)y * s->width + x) * 3 + c;
          int32_t sum = 1 << 21;
          if (rw == w) {
            *q = pixels[y * stride + (size_t)(x0 + x) * channels + (channels >= 3 ? c : 0)];
            continue;
          }
          for (int32_t i = 0; i < t[1]; ++i, p += channels) sum += *p * t[2 + i];
          *q = net2c_picture_round(sum);
        }
      }
  }
  for (uint32_t y = 0; y < s->height; ++y) {
    const int32_t *t = down + (size_t)y * (2 + ty);
    for (uint32_t x = 0; x < s->width; ++x) {
      float rgb[3];
      for (uint32_t c = 0; c < 3; ++c) {
        const uint8_t *p = rows + ((size_t)t[0] * s->width + x) * 3 + c;
        int32_t sum = 1 << 21;
        if (rh == h) {
          rgb[c] = rows[((size_t)(y0 + y) * s->width + x) * 3 + c];
          continue;
        }
        for (int32_t i = 0; i < t[1]; ++i, p += (size_t)s->width * 3) sum += *p * t[2 + i];
        rgb[c] = net2c_picture_round(sum);
      }
      if (s->channels == 1) rgb[0] = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
      for (uint32_t c = 0; c < s->channels; ++c) {
        const float v = rgb[s->bgr && s->channels == 3 ? 2 - c : c] * s->scale[c] + s->shift[c];
        if (s->interleaved) input[((size_t)y * s->width + x) * s->channels + c] = v;
        else input[c * area + (size_t)y * s->width + x] = v;
      }
    }
  }
  return 0;
}

#endif
