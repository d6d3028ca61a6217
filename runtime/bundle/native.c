/* One call for `net2c run --engine native`: the bundle, loaded as a shared object. */
#include "runtime/bundle/api.h"

struct net2c_native {
  int (*written)(void *context, unsigned step, const char *tensor, const void *data);
  void *context;
};

static int net2c_native_trace(void *context, const struct net2c_event *e)
{
  const struct net2c_native *n = (const struct net2c_native *)context;
  return e->tensor ? n->written(n->context, e->step, e->tensor, e->data) : 0;
}

/* 0, or an error of net2c_open with its text in `why`. */
int net2c_native_run(const void *weights, size_t weights_bytes, int isa, unsigned workers, const void *const *inputs, void *const *outputs,
                     int (*written)(void *, unsigned, const char *, const void *), void *context, const char **why);
int net2c_native_run(const void *weights, size_t weights_bytes, int isa, unsigned workers, const void *const *inputs, void *const *outputs,
                     int (*written)(void *, unsigned, const char *, const void *), void *context, const char **why)
{
  struct net2c net;
  struct net2c_options options = NET2C_OPTIONS;
  struct net2c_native native;
  int error;
  native.written = written, native.context = context;
  options.weights = weights, options.weights_bytes = weights_bytes;
  options.isa = isa, options.workers = workers;
  if (written) options.trace = net2c_native_trace, options.trace_context = &native;
  error = net2c_open(&net, &options);
  *why = net2c_error(error);
  if (error) return error;
  error = net2c_run(&net, inputs, outputs);
  net2c_close(&net);
  return error;
}
