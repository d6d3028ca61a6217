/* The shape of the tables that the compiler prints into the bundle. */
#ifndef NET2C_MODEL_H
#define NET2C_MODEL_H

#include "kernels/kernel.h"
#include "runtime/run.h"

/* A tensor that a step completes. lanes 0: row-major at ref. */
struct net2c_written {
  const char *name;
  int type, rank;
  uint32_t dims[6];
  net2c_ref ref;
  uint32_t lanes, pitch, plane, image, top, left;
};

struct net2c_note { /* one a step */
  const char *layer, *kernel;
  uint32_t first, count; /* in net2c_writes */
};

struct net2c_size { /* one of options.size */
  const struct net2c_step *steps;
  const struct net2c_note *notes;
  const struct net2c_written *writes;
  uint32_t count; /* of steps */
  size_t arena, scratch; /* bytes; scratch: a worker */
};

#endif
