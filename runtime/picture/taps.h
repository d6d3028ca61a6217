/* Resampling along one axis: for every output the inputs that it is made of, and their weights, as each library has them. */
#ifndef NET2C_TAPS_H
#define NET2C_TAPS_H

#include "runtime/picture/picture.h"

/* The arithmetic of a resize, across and then down. */
enum net2c_arithmetic {
  NET2C_FIXED22,     /* weights of 22 bits, each pass rounded to 8 bits */
  NET2C_FIXED11,     /* weights of 11 bits, two taps, rounded as cv::resize does */
  NET2C_FIXED11_SUM, /* weights of 11 bits, rounded once */
  NET2C_COUNT_SUM,   /* the mean of whole pixels, rounded */
  NET2C_FLOAT,
  NET2C_FLOAT_ROUND  /* floats, the result rounded */
};

union net2c_tap {
  int32_t i;
  float f;
};

/* One kind of resize, for both axes. */
struct net2c_resampling {
  uint32_t library, filter;
  enum net2c_arithmetic arithmetic;
};
struct net2c_resampling net2c_resampling_of(uint32_t library, uint32_t filter, uint32_t width, uint32_t height, uint32_t to_width,
                                            uint32_t to_height);

/* The most inputs of one output. */
uint32_t net2c_taps(const struct net2c_resampling *r, uint32_t in, uint32_t out);

/* Outputs first .. first + count - 1: for each {first input, number of inputs, weights}, 2 + net2c_taps entries apart. Inputs
 * before 0 and after in - 1 mean those at the border; first inputs ascend. */
void net2c_taps_make(const struct net2c_resampling *r, uint32_t in, uint32_t out, uint32_t first, uint32_t count, union net2c_tap *table);

int32_t net2c_floor(double x);
int32_t net2c_round_even(double x);

#endif
