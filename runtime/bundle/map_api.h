/* The class of each pixel of the picture, `width` x `height` as net2c_picture got it (0 x 0: of the input); 255: not in the input.
 * scratch: NET2C_MAP_BYTES. */
void net2c_map(const struct net2c *net, const void *const outputs[], unsigned width, unsigned height, void *scratch, unsigned char *map);
