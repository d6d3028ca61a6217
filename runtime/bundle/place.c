/* Where the input lies in the picture; 0 x 0: it is the picture. */
static int net2c_find_place(const struct net2c *net, unsigned *width, unsigned *height, struct net2c_place *place)
{
  const struct net2c_picture_spec *s = &net2c_picture_specs[net->options.size];
  const struct net2c_place same = {0, 0, s->width, s->height, s->width, s->height, 0, 0};
  *place = same;
  if (*width || *height) return net2c_picture_place(s, *width, *height, place);
  *width = s->width, *height = s->height;
  return 0;
}
