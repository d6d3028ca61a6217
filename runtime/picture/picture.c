#include "kernels/strict.h"
#include "runtime/picture/picture.h"
#include "runtime/picture/taps.h"

/* Crops: half a pixel goes to the even side, as torchvision's round does, or is cut off. */
static int32_t net2c_margin(const struct net2c_picture_spec *s, uint32_t outer, uint32_t inner)
{
  const int32_t half = (int32_t)((outer - inner) / 2);
  return half + (s->library <= NET2C_PILLOW12 && (outer - inner) % 2 && half % 2);
}

/* b * to / from, at least 1. */
static uint32_t net2c_in_proportion(const struct net2c_picture_spec *s, uint32_t b, uint32_t to, uint32_t from)
{
  const uint64_t product = (uint64_t)b * to;
  uint64_t size = product / from;
  if (s->nearest && s->fit == NET2C_FIT_LETTERBOX) size = (uint64_t)net2c_round_even(b * ((double)to / from));
  else if (s->nearest) size = (uint64_t)net2c_round_even((double)product / from);
  return size ? (uint32_t)size : 1;
}

int net2c_picture_place(const struct net2c_picture_spec *s, uint32_t width, uint32_t height, struct net2c_place *p)
{
  if (!width || !height || width > 1u << 15 || height > 1u << 15) return 1;
  p->x = (uint32_t)((width - width * s->central) / 2);
  p->y = (uint32_t)((height - height * s->central) / 2);
  p->width = width - 2 * p->x, p->height = height - 2 * p->y;
  p->to_width = p->width, p->to_height = p->height;
  if (s->fit == NET2C_FIT_STRETCH) p->to_width = s->to_width, p->to_height = s->to_height;
  if (s->fit == NET2C_FIT_SHORT) {
    if (p->width <= p->height) p->to_width = s->to_width, p->to_height = net2c_in_proportion(s, p->height, s->to_width, p->width);
    else p->to_height = s->to_height, p->to_width = net2c_in_proportion(s, p->width, s->to_height, p->height);
  }
  if (s->fit == NET2C_FIT_LETTERBOX) {
    if ((uint64_t)s->width * p->height <= (uint64_t)s->height * p->width)
      p->to_width = s->width, p->to_height = net2c_in_proportion(s, p->height, s->width, p->width);
    else p->to_height = s->height, p->to_width = net2c_in_proportion(s, p->width, s->height, p->height);
    p->left = s->corner ? 0 : -(int32_t)((s->width - p->to_width) / 2);
    p->top = s->corner ? 0 : -(int32_t)((s->height - p->to_height) / 2);
    return 0;
  }
  if (p->to_width < s->width || p->to_height < s->height) return 1;
  p->left = net2c_margin(s, p->to_width, s->width), p->top = net2c_margin(s, p->to_height, s->height);
  return 0;
}

/* The part of the resized picture that the input shows, and what it takes to make it. */
struct net2c_resize {
  struct net2c_resampling how;
  struct net2c_place place;
  uint32_t x, y, width, height;     /* of that part, in the resized picture */
  uint32_t across, down;            /* taps */
  int down_first;
};

static int net2c_resize_of(const struct net2c_picture_spec *s, uint32_t width, uint32_t height, struct net2c_resize *r)
{
  struct net2c_place *p = &r->place;
  if (net2c_picture_place(s, width, height, p)) return 1;
  r->how = net2c_resampling_of(s->library, s->filter, p->width, p->height, p->to_width, p->to_height);
  r->x = p->left > 0 ? (uint32_t)p->left : 0, r->y = p->top > 0 ? (uint32_t)p->top : 0;
  r->width = p->to_width < s->width ? p->to_width : s->width;
  r->height = p->to_height < s->height ? p->to_height : s->height;
  r->across = net2c_taps(&r->how, p->width, p->to_width), r->down = net2c_taps(&r->how, p->height, p->to_height);
  /* Pillow since 13, where the height shrinks by much more. */
  r->down_first = s->library == NET2C_PILLOW && p->height > p->to_height &&
                  (int64_t)p->height - p->to_height > 2 * ((int64_t)p->width - p->to_width);
  return 0;
}

/* Entries between the tables of taps and the row of the result: as many rows resized across as one row of the result needs; or
 * one row resized down, of bytes. */
static size_t net2c_rows(const struct net2c_resize *r)
{
  return r->down_first ? ((size_t)r->place.width * 3 + 3) / 4 : (size_t)r->down * r->width * 3;
}

size_t net2c_picture_scratch(const struct net2c_picture_spec *s, uint32_t width, uint32_t height)
{
  struct net2c_resize r;
  if (net2c_resize_of(s, width, height, &r)) return 0;
  return ((size_t)r.width * (2 + r.across) + (size_t)r.height * (2 + r.down) + net2c_rows(&r) + (size_t)r.width * 3) * 4;
}

struct net2c_pixels {
  const uint8_t *first;             /* of the part that is used */
  size_t stride;
  uint32_t step, planes, red;       /* bytes a pixel, those that are resized, and which is red */
  uint32_t grey;                    /* 0, or 1 + the library that makes grey of the three, before the resize */
};

static int32_t net2c_byte(int32_t x) { return x < 0 ? 0 : x > 255 ? 255 : x; }

static int32_t net2c_value(const struct net2c_pixels *p, const uint8_t *pixel, uint32_t c)
{
  const int32_t r = pixel[p->grey ? p->red : c];
  if (!p->grey) return r;
  if (p->grey - 1 == NET2C_OPENCV) return (9798 * r + 19235 * pixel[1] + 3735 * pixel[2 - p->red] + 16384) >> 15;
  return (19595 * r + 38470 * pixel[1] + 7471 * pixel[2 - p->red] + 32768) >> 16;
}

static int32_t net2c_clamped(int32_t at, int32_t last) { return at < 0 ? 0 : at > last ? last : at; }

/* The weighted sum of one channel. At the borders taps lie outside. */
static union net2c_tap net2c_sum(const struct net2c_resize *r, const union net2c_tap *t, const struct net2c_pixels *p, const uint8_t *row,
                                 uint32_t c)
{
  const int32_t last = (int32_t)r->place.width - 1, n = t[1].i;
  const int plain = !p->grey && t[0].i >= 0 && t[0].i + n - 1 <= last;
  const uint8_t *v = row + (size_t)(plain ? t[0].i : 0) * p->step + c;
  union net2c_tap sum;
  if (r->how.arithmetic >= NET2C_FLOAT) {
    sum.f = 0;
    if (plain)
      for (int32_t i = 0; i < n; ++i, v += p->step) sum.f += (float)*v * t[2 + i].f;
    else
      for (int32_t i = 0; i < n; ++i) sum.f += (float)net2c_value(p, row + (size_t)net2c_clamped(t[0].i + i, last) * p->step, c) * t[2 + i].f;
    return sum;
  }
  sum.i = r->how.arithmetic == NET2C_FIXED22 ? 1 << 21 : 0;
  if (plain)
    for (int32_t i = 0; i < n; ++i, v += p->step) sum.i += *v * t[2 + i].i;
  else
    for (int32_t i = 0; i < n; ++i) sum.i += net2c_value(p, row + (size_t)net2c_clamped(t[0].i + i, last) * p->step, c) * t[2 + i].i;
  if (r->how.arithmetic == NET2C_FIXED22) sum.i = net2c_byte(sum.i >> 22);
  return sum;
}

/* One row resized across. */
static void net2c_across(const struct net2c_resize *r, const union net2c_tap *t, const struct net2c_pixels *p, const uint8_t *row,
                         union net2c_tap *to)
{
  for (uint32_t x = 0; x < r->width; ++x, t += 2 + r->across)
    for (uint32_t c = 0; c < p->planes; ++c) *to++ = net2c_sum(r, t, p, row, c);
}

/* A row of the result, 0..255 in floats, whole numbers but for NET2C_FLOAT; from the rows of the ring. */
static void net2c_down(const struct net2c_resize *r, const union net2c_tap *t, const union net2c_tap *ring, size_t pitch, union net2c_tap *line)
{
  const int32_t last = (int32_t)r->place.height - 1;
  const enum net2c_arithmetic how = r->how.arithmetic;
  for (size_t i = 0; i < pitch; ++i) line[i].i = 0; /* 0.0f, too */
  for (int32_t k = 0; k < t[1].i; ++k) {
    const union net2c_tap *v = ring + (size_t)net2c_clamped(t[0].i + k, last) % r->down * pitch, w = t[2 + k];
    if (how >= NET2C_FLOAT)
      for (size_t i = 0; i < pitch; ++i) line[i].f += v[i].f * w.f;
    else if (how == NET2C_FIXED11)
      for (size_t i = 0; i < pitch; ++i) line[i].i += w.i * (v[i].i >> 4) >> 16;
    else
      for (size_t i = 0; i < pitch; ++i) line[i].i += v[i].i * w.i;
  }
  switch (how) {
  case NET2C_FIXED22:
  case NET2C_FIXED11_SUM:
    for (size_t i = 0; i < pitch; ++i) line[i].f = (float)net2c_byte((line[i].i + (1 << 21)) >> 22);
    break;
  case NET2C_FIXED11:
    for (size_t i = 0; i < pitch; ++i) line[i].f = (float)net2c_byte((line[i].i + 2) >> 2);
    break;
  case NET2C_COUNT_SUM: {
    const uint32_t columns = r->place.width / r->place.to_width, rows = r->place.height / r->place.to_height;
    const float share = 1.0f / (float)(columns * rows);
    for (size_t i = 0; i < pitch; ++i)
      line[i].f = (float)(columns == 2 && rows == 2 ? (line[i].i + 2) >> 2 : net2c_byte(net2c_round_even((float)line[i].i * share)));
    break;
  }
  case NET2C_FLOAT: break;
  case NET2C_FLOAT_ROUND:
    for (size_t i = 0; i < pitch; ++i) line[i].f = (float)net2c_byte(net2c_round_even(line[i].f));
    break;
  }
}

static void net2c_row_down_first(const struct net2c_resize *r, const union net2c_tap *across, const union net2c_tap *t,
                                 const struct net2c_pixels *p, uint8_t *bytes, union net2c_tap *line)
{
  const struct net2c_pixels made = {bytes, 0, p->planes, p->planes, 0, 0};
  for (uint32_t x = 0; x < r->place.width; ++x)
    for (uint32_t c = 0; c < p->planes; ++c) {
      const uint8_t *pixel = p->first + (size_t)t[0].i * p->stride + (size_t)x * p->step;
      int32_t sum = 1 << 21;
      for (int32_t i = 0; i < t[1].i; ++i, pixel += p->stride) sum += net2c_value(p, pixel, c) * t[2 + i].i;
      bytes[(size_t)x * p->planes + c] = (uint8_t)net2c_byte(sum >> 22);
    }
  net2c_across(r, across, &made, bytes, line);
  for (size_t i = 0; i < (size_t)r->width * p->planes; ++i) line[i].f = (float)line[i].i;
}

/* Stores a row of the input. `line`: of the result, null where there is only padding. */
static void net2c_store_row(const struct net2c_picture_spec *s, const struct net2c_resize *r, const float *mean, uint32_t y,
                            const struct net2c_pixels *p, const union net2c_tap *line, void *input)
{
  const struct net2c_place *place = &r->place;
  const uint32_t blue_first = s->bgr ? 2 - p->red : p->red; /* does the other end of the pixel come first? */
  const uint32_t begin = place->left < 0 ? (uint32_t)-place->left : 0, end = line ? begin + r->width : begin;
  const int grey_of_three = s->channels == 1 && p->planes == 3;
  for (uint32_t c = 0; c < s->channels; ++c) {
    const uint32_t from = p->planes == 1 ? 0 : blue_first ? 2 - c : c;
    const float *minus = s->mean_height ? mean + ((size_t)c * s->mean_height + (size_t)place->top + y) * s->mean_width + (size_t)place->left : NULL;
    size_t at = s->interleaved ? (size_t)y * s->width * s->channels + c : ((size_t)c * s->height + y) * s->width;
    for (uint32_t x = 0; x < s->width; ++x, at += s->interleaved ? s->channels : 1) {
      const union net2c_tap *v = x >= begin && x < end ? line + (size_t)(x - begin) * p->planes : NULL;
      float value = v ? v[from].f : s->fill[c];
      if (v && grey_of_three) value = 0.2989f * v[p->red].f + 0.587f * v[1].f + 0.114f * v[2 - p->red].f; /* as TensorFlow */
      if (minus) value -= minus[x];
      value = value * s->scale[c] + s->shift[c];
      if (s->bytes) ((uint8_t *)input)[at] = (uint8_t)net2c_byte(net2c_round_even(value < -1 ? -1 : value > 256 ? 256 : value));
      else ((float *)input)[at] = value;
    }
  }
}

int net2c_picture_prepare(const struct net2c_picture_spec *s, const float *mean, const uint8_t *pixels, uint32_t width, uint32_t height,
                          size_t stride, uint32_t format, void *scratch, void *input)
{
  struct net2c_resize r;
  struct net2c_pixels p = {pixels, stride, format & 15, 3, format & NET2C_PICTURE_BGR ? 2 : 0, 0};
  union net2c_tap *across = (union net2c_tap *)scratch, *down, *rows, *line;
  uint32_t next = 0; /* row to resize across */
  if (net2c_resize_of(s, width, height, &r)) return 1;
  p.first += (size_t)r.place.y * stride + (size_t)r.place.x * p.step;
  if (p.step < 3) p.planes = 1, p.red = 0;
  else if (s->channels == 1 && s->library < NET2C_TENSORFLOW) p.planes = 1, p.grey = 1 + s->library;
  down = across + (size_t)r.width * (2 + r.across);
  rows = down + (size_t)r.height * (2 + r.down);
  line = rows + net2c_rows(&r);
  net2c_taps_make(&r.how, r.place.width, r.place.to_width, r.x, r.width, across);
  net2c_taps_make(&r.how, r.place.height, r.place.to_height, r.y, r.height, down);
  for (uint32_t y = 0; y < s->height; ++y) {
    const int32_t row = (int32_t)y + r.place.top - (int32_t)r.y;
    const int inside = row >= 0 && row < (int32_t)r.height;
    const union net2c_tap *t = down + (size_t)(inside ? row : 0) * (2 + r.down);
    const size_t pitch = (size_t)r.width * p.planes;
    if (inside && r.down_first) net2c_row_down_first(&r, across, t, &p, (uint8_t *)rows, line);
    else if (inside) {
      const uint32_t first = t[0].i < 0 ? 0 : (uint32_t)t[0].i, end = (uint32_t)(t[0].i + t[1].i);
      if (next < first) next = first;
      for (; next < end && next < r.place.height; ++next)
        net2c_across(&r, across, &p, p.first + next * stride, rows + (size_t)next % r.down * pitch);
      net2c_down(&r, t, rows, pitch, line);
    }
    net2c_store_row(s, &r, mean, y, &p, inside ? line : NULL, input);
  }
  return 0;
}
