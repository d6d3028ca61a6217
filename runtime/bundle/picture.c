#include "runtime/picture/picture.c"
#include "runtime/picture/taps.c"

size_t net2c_picture_bytes(const struct net2c *net, unsigned width, unsigned height)
{
  return net2c_picture_scratch(&net2c_picture_specs[net->options.size], width, height);
}

int net2c_picture(const struct net2c *net, const unsigned char *pixels, unsigned width, unsigned height, size_t stride, unsigned format,
                  void *scratch, void *input)
{
  return net2c_picture_prepare(&net2c_picture_specs[net->options.size], (const float *)(const void *)(net->weights + net2c_means[net->options.size]), pixels, width, height,
                               stride, format, scratch, input);
}
