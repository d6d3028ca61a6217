/* The file of weights: a header of 64 bytes, the packed weights, 64 zero bytes that kernels may read over. */
#ifndef NET2C_WEIGHTS_H
#define NET2C_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { NET2C_WEIGHTS_HEADER = 64, NET2C_WEIGHTS_FORMAT = 1 };

struct net2c_weights_header {
  unsigned char magic[8];  /* NET2C_WEIGHTS_MAGIC */
  uint32_t format;
  uint32_t byte_order;     /* 0x01020304 as the file's writer stores it */
  uint64_t structure;      /* of the network: everything but the weights' values */
  uint64_t bytes;          /* after the header */
  uint64_t checksum;       /* of those */
  uint64_t zero[3];
};
/* A text editor, a line-end conversion or a 7-bit channel breaks it. */
#define NET2C_WEIGHTS_MAGIC {0x93, 'n', '2', 'c', '\r', '\n', 0x1a, '\n'}

enum net2c_weights_state {
  NET2C_WEIGHTS_GOOD, NET2C_WEIGHTS_TRUNCATED, NET2C_WEIGHTS_FOREIGN, NET2C_WEIGHTS_VERSION, NET2C_WEIGHTS_ORDER,
  NET2C_WEIGHTS_OTHER, NET2C_WEIGHTS_LENGTH, NET2C_WEIGHTS_DAMAGED
};

/* Looks at the header only. `data`: 64-byte aligned. */
enum net2c_weights_state net2c_weights_check(const void *data, uint64_t bytes, uint64_t structure, uint64_t expected_bytes);

/* Reads every byte; after net2c_weights_check. */
enum net2c_weights_state net2c_weights_verify(const void *data);

/* Any change of one 8-byte word changes it. bytes: a multiple of 64. */
uint64_t net2c_weights_checksum(const void *data, uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif
