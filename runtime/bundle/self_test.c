static float net2c_magnitude(float x) { return x < 0.0f ? -x : x; }

static int net2c_same_floats(const float *a, const float *b, size_t n, int exact)
{
  float largest = 0.0f;
  for (size_t i = 0; i < n; ++i) {
    const float x = net2c_magnitude(b[i]);
    if (x > largest && x < 3e38f) largest = x;
  }
  for (size_t i = 0; i < n; ++i) {
    if (a[i] == b[i] || (a[i] != a[i] && b[i] != b[i])) continue;
    if (exact || !(net2c_magnitude(a[i] - b[i]) <= 1e-3f * largest)) return 0;
  }
  return 1;
}

int net2c_self_test(struct net2c *net, void *scratch)
{
  const struct net2c_isa *isa = (const struct net2c_isa *)net->isa;
  const int size = net->options.size, exact = isa->needs != 0 || isa->isa == NET2C_NEON;
  const struct net2c_port *ports = net2c_outputs + size * NET2C_OUTPUTS;
  const void *inputs[NET2C_INPUTS + 1], *golden;
  void *outputs[NET2C_OUTPUTS + 1];
  char *at = (char *)scratch;
  int stopped;
  for (int i = 0; i < NET2C_INPUTS; ++i) inputs[i] = net->weights + (size_t)(net2c_golden_inputs[size][i] & 0x1fffffffu) * 64;
  for (int i = 0; i < NET2C_OUTPUTS; ++i) {
    outputs[i] = at;
    at += (ports[i].bytes + 63) / 64 * 64;
  }
  stopped = net2c_run(net, inputs, outputs);
  if (stopped) return stopped;
  for (int i = 0; i < NET2C_OUTPUTS; ++i) {
    const unsigned char *a = (const unsigned char *)outputs[i], *b;
    golden = net->weights + (size_t)(net2c_golden_outputs[size][i] & 0x1fffffffu) * 64;
    b = (const unsigned char *)golden;
    if (ports[i].type == NET2C_F32) {
      if (!net2c_same_floats((const float *)outputs[i], (const float *)golden, ports[i].bytes / 4, exact)) return NET2C_WRONG_RESULT;
    } else {
      for (size_t k = 0; k < ports[i].bytes; ++k)
        if (a[k] != b[k]) return NET2C_WRONG_RESULT;
    }
  }
  return NET2C_OK;
}
