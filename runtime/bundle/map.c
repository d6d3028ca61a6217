#include "runtime/results/map.c"

void net2c_map(const struct net2c *net, const void *const outputs[], unsigned width, unsigned height, void *scratch, unsigned char *map)
{
  const struct net2c_map_spec *s = &net2c_map_specs[net->options.size];
  const struct net2c_picture_spec *input = &net2c_picture_specs[net->options.size];
  struct net2c_place place;
  if (net2c_find_place(net, &width, &height, &place)) return;
  net2c_map_make(s, (const float *)outputs[s->output], &place, input->height, input->width, height, width, scratch, map);
}
