#include "runtime/weights.h"

uint64_t net2c_weights_checksum(const void *data, uint64_t bytes)
{
  /* Four chains, so that it runs at the speed of memory. Each step is a bijection of the chain for a given word, and of the
   * word for a given chain. The multiplier is odd: 2^64 / golden ratio. */
  const uint64_t multiplier = 0x9e3779b97f4a7c15u;
  const uint64_t *p = (const uint64_t *)data;
  uint64_t chain[4] = {1, 2, 3, 4}, sum = bytes;
  for (uint64_t i = 0; i < bytes / 8; i += 4)
    for (unsigned j = 0; j < 4; ++j) {
      const uint64_t x = (chain[j] ^ p[i + j]) * multiplier;
      chain[j] = x ^ x >> 29;
    }
  for (unsigned j = 0; j < 4; ++j) {
    const uint64_t x = (sum ^ chain[j]) * multiplier;
    sum = x ^ x >> 31;
  }
  return sum;
}

enum net2c_weights_state net2c_weights_check(const void *data, uint64_t bytes, uint64_t structure, uint64_t expected_bytes)
{
  static const unsigned char magic[8] = NET2C_WEIGHTS_MAGIC;
  const struct net2c_weights_header *header = (const struct net2c_weights_header *)data;
  for (uint64_t i = 0; i < 8 && i < bytes; ++i)
    if (header->magic[i] != magic[i]) return NET2C_WEIGHTS_FOREIGN;
  if (bytes < NET2C_WEIGHTS_HEADER) return NET2C_WEIGHTS_TRUNCATED;
  if (header->byte_order != 0x01020304u) return NET2C_WEIGHTS_ORDER;
  if (header->format != NET2C_WEIGHTS_FORMAT) return NET2C_WEIGHTS_VERSION;
  if (header->structure != structure) return NET2C_WEIGHTS_OTHER;
  if (header->bytes != expected_bytes) return NET2C_WEIGHTS_LENGTH;
  if (bytes - NET2C_WEIGHTS_HEADER < header->bytes) return NET2C_WEIGHTS_TRUNCATED;
  if (bytes - NET2C_WEIGHTS_HEADER > header->bytes) return NET2C_WEIGHTS_LENGTH;
  return NET2C_WEIGHTS_GOOD;
}

enum net2c_weights_state net2c_weights_verify(const void *data)
{
  const struct net2c_weights_header *header = (const struct net2c_weights_header *)data;
  const unsigned char *first = (const unsigned char *)data + NET2C_WEIGHTS_HEADER;
  for (unsigned i = 0; i < 3; ++i)
    if (header->zero[i]) return NET2C_WEIGHTS_DAMAGED;
  return net2c_weights_checksum(first, header->bytes) == header->checksum ? NET2C_WEIGHTS_GOOD : NET2C_WEIGHTS_DAMAGED;
}
