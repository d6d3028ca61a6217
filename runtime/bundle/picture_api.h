/* Input 0 from a picture of `channels` (1 grey, 3 RGB, 4 RGBA) interleaved bytes a pixel, rows `stride` bytes apart. scratch:
 * net2c_picture_bytes, 4-byte aligned; 0 bytes: the picture is too small or too large, and net2c_picture returns 1. */
#define NET2C_PICTURE 1
size_t net2c_picture_bytes(unsigned width, unsigned height);
int net2c_picture(const unsigned char *pixels, unsigned width, unsigned height, size_t stride, unsigned channels, void *scratch,
                  float *input);
