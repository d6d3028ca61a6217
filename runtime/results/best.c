#include "kernels/strict.h"
#include "runtime/results/best.h"

/* Does a stand before b? NaN before nothing. */
static int net2c_is_better(const float *scores, unsigned a, unsigned b)
{
  const float x = scores[a], y = scores[b];
  if (x != x || y != y) return x == x || (y != y && a < b);
  return x > y || (x == y && a < b);
}

unsigned net2c_best(const float *scores, unsigned count, unsigned k, unsigned *best)
{
  unsigned n = 0;
  for (unsigned i = 0; i < count; ++i) {
    unsigned at = n < k ? n++ : k; /* the place of i among the best; the last one falls out */
    for (; at > 0 && net2c_is_better(scores, i, best[at - 1]); --at)
      if (at < k) best[at] = best[at - 1];
    if (at < k) best[at] = i;
  }
  return n;
}
