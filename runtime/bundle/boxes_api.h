/* The boxes in the picture, `width` x `height` as net2c_picture got it (0 x 0: in the input), the best first. Returns how many, up
 * to NET2C_BOXES. scratch: NET2C_BOXES_BYTES, 8-byte aligned. */
#include "runtime/results/box.h"
unsigned net2c_boxes(const struct net2c *net, const void *const outputs[], unsigned width, unsigned height, void *scratch,
                     struct net2c_box *boxes);
