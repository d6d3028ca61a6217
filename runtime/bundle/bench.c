/* Measures the bundle for `net2c bench`: WEIGHTS THREADS ISA SECONDS PACED SUSTAINED, the last three in seconds; prints one line of
   JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/bundle/api.h"

enum { NET2C_MOST_RUNS = 100000, NET2C_COLD_RUNS = 11 };
static double now_ms(void)
{
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* Of this process since it started, in MB; 0 where the system does not say. */
static double peak_mb(void)
{
  char line[256];
  double kb = 0;
  FILE *file = fopen("/proc/self/status", "r");
  if (!file) return 0;
  while (fgets(line, sizeof line, file))
    if (!strncmp(line, "VmHWM:", 6)) kb = strtod(line + 6, NULL);
  fclose(file);
  return kb / 1024;
}

/* Twice the last level of cache, where the system says it; else enough for most. */
static size_t cache_bytes(void)
{
  unsigned long kb = 0;
  FILE *file = fopen("/sys/devices/system/cpu/cpu0/cache/index3/size", "r");
  if (file) {
    if (fscanf(file, "%luK", &kb) != 1) kb = 0;
    fclose(file);
  }
  return (size_t)(kb ? kb : 65536) * 2048;
}

/* Writes over the caches. */
static void wash(volatile char *memory, size_t bytes)
{
  for (size_t i = 0; i < bytes; i += 64) memory[i] = (char)(memory[i] + 1);
}

static double trace_start, *step_ms;
static int trace(void *context, const struct net2c_event *e)
{
  const double now = now_ms();
  (void)context;
  if (now - trace_start < step_ms[e->step]) step_ms[e->step] = now - trace_start;
  trace_start = now_ms();
  return 0;
}

static unsigned steps_seen;
static int count_steps(void *context, const struct net2c_event *e)
{
  (void)context;
  steps_seen = e->steps;
  return 1;
}

static struct net2c net;
static void *inputs[NET2C_INPUTS + 1], *outputs[NET2C_OUTPUTS + 1];
static double times[NET2C_MOST_RUNS];

static double run_ms(void)
{
  const double start = now_ms();
  net2c_run(&net, (const void *const *)inputs, outputs);
  return now_ms() - start;
}

/* How many times stand in `times`, sorted: of runs for so many seconds, at least as many as given. */
static int run_for(double seconds, int least)
{
  const double end = now_ms() + seconds * 1e3;
  int runs = 0;
  while (runs < least || now_ms() < end) {
    const double ms = run_ms();
    if (runs < NET2C_MOST_RUNS) times[runs++] = ms;
  }
  qsort(times, (size_t)runs, sizeof *times, compare);
  return runs;
}

/* The same, of runs that each start with a thirtieth of a second, asleep in between. */
static int run_paced(double seconds)
{
  const double begin = now_ms(), beat = 1e3 / 30;
  int runs = 0;
  for (double next = begin; next < begin + seconds * 1e3 && runs < NET2C_MOST_RUNS; ++runs) {
    const double wait = next - now_ms();
    struct timespec rest;
    rest.tv_sec = (time_t)(wait / 1e3);
    rest.tv_nsec = (long)((wait - 1e3 * (double)rest.tv_sec) * 1e6);
    if (wait > 0) nanosleep(&rest, NULL);
    times[runs] = run_ms();
    while (next <= now_ms()) next += beat;
  }
  qsort(times, (size_t)runs, sizeof *times, compare);
  return runs;
}

int main(int argc, char **argv)
{
  struct net2c_options options = NET2C_OPTIONS;
  static double cold[NET2C_COLD_RUNS];
  const size_t wash_bytes = cache_bytes();
  char *wash_memory;
  double start, load, first, peak, least, median, p90, seconds, paced, sustained;
  unsigned state = 1;
  int error, runs;
  if (argc != 7) return 2;
  options.weights_path = argv[1];
  options.workers = (unsigned)strtoul(argv[2], NULL, 10);
  options.isa = (int)strtol(argv[3], NULL, 10);
  seconds = strtod(argv[4], NULL);
  paced = strtod(argv[5], NULL);
  sustained = strtod(argv[6], NULL);
  for (int i = 0; i < NET2C_INPUTS; ++i) {
    inputs[i] = calloc(net2c_inputs[i].bytes + 1, 1);
    if (net2c_inputs[i].type != NET2C_F32) continue;
    for (size_t k = 0; k < net2c_inputs[i].bytes / 4; ++k) {
      state = state * 1664525u + 1013904223u;
      ((float *)inputs[i])[k] = (float)(int)(state >> 8) / 8388608.0f - 1.0f;
    }
  }
  for (int i = 0; i < NET2C_OUTPUTS; ++i) outputs[i] = calloc(net2c_outputs[i].bytes + 1, 1);
  start = now_ms();
  if ((error = net2c_open(&net, &options))) {
    fprintf(stderr, "%s\n", net2c_error(error));
    return 1;
  }
  load = now_ms() - start;
  first = run_ms();
  for (int i = 0; i < 3; ++i) run_ms();
  runs = run_for(seconds, 10);
  least = times[0];
  median = times[runs / 2];
  p90 = times[runs * 9 / 10];
  peak = peak_mb();
  wash_memory = (char *)calloc(wash_bytes, 1);
  if (!wash_memory) return 1;
  for (int i = 0; i < NET2C_COLD_RUNS; ++i) {
    wash(wash_memory, wash_bytes);
    cold[i] = run_ms();
  }
  free(wash_memory);
  qsort(cold, NET2C_COLD_RUNS, sizeof *cold, compare);
  printf("{");
  if (paced > 0) {
    const int count = run_paced(paced);
    printf("\"paced_ms\": %.4f, \"paced_p90_ms\": %.4f, ", times[count / 2], times[count * 9 / 10]);
  }
  if (sustained > 0) {
    const double window = sustained < 2 ? sustained / 2 : 1;
    int count = run_for(window, 1);
    printf("\"sustained_first_ms\": %.4f, ", times[count / 2]);
    run_for(sustained - 2 * window, 1);
    count = run_for(window, 1);
    printf("\"sustained_last_ms\": %.4f, ", times[count / 2]);
  }
  printf("\"threads\": %u, \"isa\": \"%s\", \"runs\": %d, \"min_ms\": %.4f, \"median_ms\": %.4f, \"p90_ms\": %.4f, \"cold_ms\": %.4f, \"load_ms\": %.4f, "
         "\"first_ms\": %.4f, \"peak_rss_mb\": %.2f, \"weights_bytes\": %lu, \"arena_bytes\": %lu, \"layers\": [",
         options.workers, net2c_isa(&net), runs, least, median, p90, cold[NET2C_COLD_RUNS / 2], load, first, peak,
         (unsigned long)NET2C_WEIGHTS_BYTES, (unsigned long)NET2C_ARENA_BYTES(options.workers));
  net2c_close(&net);

  options.trace = count_steps;
  if (net2c_open(&net, &options)) return 1;
  net2c_run(&net, (const void *const *)inputs, outputs);
  net2c_close(&net);
  step_ms = (double *)malloc((steps_seen + 1) * sizeof *step_ms);
  for (unsigned i = 0; i < steps_seen; ++i) step_ms[i] = 1e30;
  options.trace = trace;
  if (net2c_open(&net, &options)) return 1;
  for (int i = 0; i < 10; ++i) {
    trace_start = now_ms();
    net2c_run(&net, (const void *const *)inputs, outputs);
  }
  for (unsigned i = 0; i < steps_seen; ++i) printf("%s%.5f", i ? ", " : "", step_ms[i]);
  printf("]}\n");
  net2c_close(&net);
  for (int i = 0; i < NET2C_INPUTS; ++i) free(inputs[i]);
  for (int i = 0; i < NET2C_OUTPUTS; ++i) free(outputs[i]);
  free(step_ms);
  return 0;
}
