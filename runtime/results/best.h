#ifndef NET2C_BEST_H
#define NET2C_BEST_H

#ifdef __cplusplus
extern "C"
#endif
/* The indices of the k largest, the largest first; equal ones by index, NaN last. How many: k or count. */
unsigned net2c_best(const float *scores, unsigned count, unsigned k, unsigned *best);

#endif
