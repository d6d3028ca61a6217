size_t net2c_picture_bytes(unsigned width, unsigned height) { return net2c_picture_scratch(&net2c_spec, width, height); }

int net2c_picture(const unsigned char *pixels, unsigned width, unsigned height, size_t stride, unsigned channels, void *scratch,
                  float *input)
{
  return net2c_picture_to_input(&net2c_spec, pixels, width, height, stride, channels, scratch, input);
}
