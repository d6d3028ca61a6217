/* Input 0 from a picture (of a batch one image of it), rows `stride` bytes apart; format: one of these. scratch: net2c_picture_bytes, 8-byte aligned; 0 bytes:
 * the picture is too small or too large, and net2c_picture returns 1. The network is open. */
#define NET2C_PICTURE 1
enum { NET2C_GREY = 1, NET2C_RGB = 3, NET2C_RGBA = 4, NET2C_BGR = 19, NET2C_BGRA = 20 };
size_t net2c_picture_bytes(const struct net2c *net, unsigned width, unsigned height);
int net2c_picture(const struct net2c *net, const unsigned char *pixels, unsigned width, unsigned height, size_t stride, unsigned format,
                  void *scratch, void *input);
