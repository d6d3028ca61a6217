#include "runtime/picture/picture.c"
#include "runtime/picture/taps.c"

size_t net2c_picture_bytes(const struct net2c *net, unsigned width, unsigned height)
{
  (void)net;
  return net2c_picture_scratch(&net2c_picture_spec, width, height);
}

int net2c_picture(const struct net2c *net, const unsigned char *pixels, unsigned width, unsigned height, size_t stride, unsigned format,
                  void *scratch, void *input)
{
  return net2c_picture_prepare(&net2c_picture_spec, (const float *)(const void *)(net->weights + NET2C_MEAN_OFFSET), pixels, width, height,
                               stride, format, scratch, input);
}
