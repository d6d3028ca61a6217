#include "runtime/results/boxes.c"

unsigned net2c_boxes(const struct net2c *net, const void *const outputs[], unsigned width, unsigned height, void *scratch,
                     struct net2c_box *boxes)
{
  struct net2c_place place;
  if (net2c_find_place(net, &width, &height, &place)) return 0;
  return net2c_boxes_find(&net2c_boxes_specs[net->options.size], net2c_heads[net->options.size], outputs, &place, width, height, scratch, boxes);
}
