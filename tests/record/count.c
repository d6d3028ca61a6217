/* One run of a bundle that was compiled with --name net, for callgrind: its counts are dumped after each step, named by the
 * step's number, and what no step holds after the run. */
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#include "net.h"

/* Called once for each tensor that a step completes: the first time counts. */
static int after_step(void *context, const struct net_event *event)
{
  unsigned *steps = context;
  if (event->step >= *steps) {
    char number[16];
    snprintf(number, sizeof number, "%u", event->step);
    CALLGRIND_DUMP_STATS_AT(number);
    *steps = event->step + 1;
  }
  return 0;
}

static void *allocate(size_t bytes)
{
  void *memory = calloc(1, bytes);
  if (!memory) exit(2);
  return memory;
}

int main(int argc, char **argv)
{
  unsigned steps = 0, random = 1;
  struct net_options options = NET_OPTIONS;
  struct net net;
  const void *inputs[NET_INPUTS];
  void *outputs[NET_OUTPUTS];
  if (argc != 2) return 2;
  options.weights_path = argv[1];
  options.trace = after_step;
  options.trace_context = &steps;
  const int error = net_open(&net, &options);
  if (error) {
    fprintf(stderr, "%s\n", net_error(error));
    return 1;
  }
  for (int i = 0; i < NET_INPUTS; ++i) {
    float *x = allocate(net_inputs[i].bytes);
    for (size_t j = 0; j < net_inputs[i].bytes / sizeof *x; ++j) {
      random = random * 1664525u + 1013904223u;
      x[j] = (float)(random >> 8) * 0x1p-23f - 1;
    }
    inputs[i] = x;
  }
  for (int i = 0; i < NET_OUTPUTS; ++i) outputs[i] = allocate(net_outputs[i].bytes);
  CALLGRIND_ZERO_STATS;
  const int stopped = net_run(&net, inputs, outputs);
  CALLGRIND_DUMP_STATS_AT("rest");
  net_close(&net);
  return stopped != 0;
}
