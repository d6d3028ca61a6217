/* For the programs that use bundles as an app would. */
#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define CHECK(x) ((x) ? (void)0 : (printf("%s:%d: %s\n", __FILE__, __LINE__, #x), exit(1)))

/* The test network: output 0 is the activation of input 0, output 1 the weights: 0, 1, 2, ... */
enum { COUNT = 8 * 31 * 9, WEIGHTS = 100 };
static inline float input_at(int i) { return (float)(i % 23) - 11.5f; }
static inline float expected_at(int i, float slope) { return input_at(i) < 0 ? slope * input_at(i) : input_at(i); }
static inline void fill_input(float *x)
{
  for (int i = 0; i < COUNT; ++i) x[i] = input_at(i);
}
static inline void check_outputs(const float *y, const float *w, float slope)
{
  for (int i = 0; i < COUNT; ++i) CHECK(y[i] == expected_at(i, slope));
  for (int i = 0; i < WEIGHTS; ++i) CHECK(w[i] == (float)i);
}
#endif
