#include "runtime/results/map.c"

void net2c_map(const struct net2c *net, const void *const outputs[], unsigned width, unsigned height, void *scratch, unsigned char *map)
{
  struct net2c_place place;
  const struct net2c_map_spec *s = &net2c_map_spec;
  (void)net;
  if (net2c_find_place(&width, &height, &place)) return;
  net2c_map_make(s, (const float *)outputs[s->output], &place, net2c_picture_spec.height, net2c_picture_spec.width, height, width, scratch,
                 map);
}
