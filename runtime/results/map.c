#include "kernels/strict.h"
#include "runtime/results/results.h"

void net2c_map_make(const struct net2c_map_spec *s, const float *scores, const struct net2c_place *p, uint32_t input_height,
                    uint32_t input_width, uint32_t height, uint32_t width, void *scratch, uint8_t *map)
{
  uint8_t *small = (uint8_t *)scratch;
  for (uint32_t y = 0; y < s->height; ++y)
    for (uint32_t x = 0; x < s->width; ++x) {
      const float *v = scores + (size_t)y * s->row_step + (size_t)x * s->column_step;
      uint32_t best = s->classes == 1 && v[0] > s->threshold;
      for (uint32_t c = 1; c < s->classes; ++c)
        if (v[(size_t)c * s->class_step] > v[(size_t)best * s->class_step]) best = c;
      small[(size_t)y * s->width + x] = (uint8_t)best;
    }
  /* The middle of each pixel of the picture, in the input. */
  for (uint32_t y = 0; y < height; ++y) {
    const double v = (y + 0.5 - p->y) * p->to_height / p->height - p->top;
    for (uint32_t x = 0; x < width; ++x) {
      const double u = (x + 0.5 - p->x) * p->to_width / p->width - p->left;
      const int inside = u >= 0 && v >= 0 && u < input_width && v < input_height;
      const uint32_t row = inside ? (uint32_t)(v * s->height / input_height) : 0, column = inside ? (uint32_t)(u * s->width / input_width) : 0;
      map[(size_t)y * width + x] = inside ? small[(size_t)row * s->width + column] : 255;
    }
  }
}
