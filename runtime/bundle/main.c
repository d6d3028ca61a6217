/* The network on files: .npy arrays and .ppm pictures in, .npy arrays and the best classes out. An example to copy from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(_WIN32)
#include <windows.h>
#else
#include <time.h>
#endif

#include "runtime/bundle/api.h"
#include "runtime/bundle/name.inc"

#if defined(NET2C_LINKED)
#define NET2C_WEIGHTS_FILE NULL
#else
#define NET2C_WEIGHTS_FILE NET2C_NAME ".weights"
#endif

static void usage(FILE *to)
{
  fputs("usage: " NET2C_NAME "_example [options] INPUT...\n"
        "  INPUT              .npy in the type and shape of each input, in order; a .ppm (P6) for a picture;\n"
        "                     none: pseudo-random numbers, to look at the time\n"
        "  --weights FILE     default: the file of the bundle, in this folder\n"
        "  --size N           which of the compiled sizes of the inputs, from 0 (the default) on\n"
        "  --threads N        default 1\n"
        "  --isa NAME         portable, avx2, avx512 or neon; default: the best of this CPU\n"
        "  --repeat N         runs N times more and prints the times\n"
        "  --top K            best classes shown, default 5\n"
        "  --output DIR       writes each output to DIR/NAME.npy\n"
        "  --verify           reads all weights and checks them\n"
        "  --trace            prints every step\n"
#if defined(NET2C_SELF_TEST_BYTES)
        "  --self-test        runs the input that is kept in the weights and compares\n"
#endif
        ,
        to);
}

static int failed(const char *what, const char *why)
{
  fprintf(stderr, "%s: %s\n", what, why);
  return 0;
}

static double now_ms(void)
{
#if defined(_WIN32) /* timespec_get is not in every C library there */
  LARGE_INTEGER ticks, second;
  QueryPerformanceCounter(&ticks);
  QueryPerformanceFrequency(&second);
  return (double)ticks.QuadPart * 1e3 / (double)second.QuadPart;
#else
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
#endif
}

static const char *npy_type(int type)
{
  static const char *const names[] = {"<f4", "<f2", "<f8", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "|b1"};
  return names[type];
}

static size_t count_of(const struct net2c_port *port)
{
  size_t n = 1;
  for (int d = 0; d < port->rank; ++d) n *= port->dims[d];
  return n;
}

/* The data of a version 1 to 3 .npy file, which must have the port's type and shape. */
static int read_npy(FILE *file, const char *path, const struct net2c_port *port, void *data)
{
  unsigned char first[12];
  char header[4096];
  const char *at;
  size_t length, wide;
  if (fread(first, 1, 10, file) != 10 || memcmp(first, "\x93NUMPY", 6)) return failed(path, "not a .npy file");
  wide = first[6] > 1;
  if (wide && fread(first + 10, 1, 2, file) != 2) return failed(path, "cut off");
  length = first[8] | (size_t)first[9] << 8;
  if (wide) length |= (size_t)first[10] << 16 | (size_t)first[11] << 24;
  if (length >= sizeof header || fread(header, 1, length, file) != length) return failed(path, "cut off, or its header is too long");
  header[length] = 0;
  at = strstr(header, npy_type(port->type));
  if (!at || (at[-1] != '\'' && at[-1] != '"')) return failed(path, "its numbers are not of the input's type");
  at = strstr(header, "fortran_order");
  if (!at || !strstr(at, "False")) return failed(path, "its order is Fortran's");
  at = strstr(header, "'shape'");
  at = at ? strchr(at, '(') : NULL;
  if (!at) return failed(path, "it has no shape");
  ++at;
  for (int d = 0; d < port->rank; ++d) {
    char *end;
    if (strtoull(at, &end, 10) != port->dims[d] || end == at) return failed(path, "its shape is not the input's");
    at = end + strspn(end, ", L");
  }
  if (*at != ')') return failed(path, "it has more dimensions than the input");
  if (fread(data, 1, port->bytes, file) != port->bytes) return failed(path, "cut off");
  return 1;
}

static int write_npy(const char *folder, const struct net2c_port *port, const void *data)
{
  char path[4096], header[512];
  size_t n = 0, at;
  FILE *file;
  int good;
  at = (size_t)snprintf(path, sizeof path - 512, "%s/", folder);
  if (at >= sizeof path - 512) return failed(folder, "the name is too long");
  for (const char *c = port->name; *c && n < 400; ++c, ++n)
    path[at++] = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr("_.-", *c) ? *c : '_';
  strcpy(path + at, ".npy");
  n = (size_t)sprintf(header, "{'descr': '%s', 'fortran_order': False, 'shape': (", npy_type(port->type));
  for (int d = 0; d < port->rank; ++d) n += (size_t)sprintf(header + n, "%lu,", (unsigned long)port->dims[d]);
  n += (size_t)sprintf(header + n, "), }");
  while ((n + 11) % 64) header[n++] = ' ';
  header[n++] = '\n';
  file = fopen(path, "wb");
  if (!file) return failed(path, "cannot be written");
  good = fwrite("\x93NUMPY\x01", 1, 8, file) == 8; /* the literal's own 0 is the minor version */
  good &= fputc((int)(n & 255), file) != EOF && fputc((int)(n >> 8), file) != EOF;
  good &= fwrite(header, 1, n, file) == n && fwrite(data, 1, port->bytes, file) == port->bytes;
  good &= fclose(file) == 0;
  return good ? 1 : failed(path, "cannot be written");
}

/* Of the picture; 0: none was given. */
#if defined(NET2C_PICTURE)
static unsigned picture_width, picture_height;

static int ppm_number(FILE *file, unsigned *number)
{
  int c = fgetc(file);
  while (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '#') {
    if (c == '#')
      while (c != '\n' && c != EOF) c = fgetc(file);
    c = fgetc(file);
  }
  for (*number = 0; c >= '0' && c <= '9'; c = fgetc(file))
    if ((*number = *number * 10 + (unsigned)(c - '0')) > 1u << 16) return 0;
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int read_ppm(const struct net2c *net, FILE *file, const char *path, void *data)
{
  unsigned width, height, most;
  unsigned char *pixels;
  void *scratch;
  size_t bytes;
  int good;
  if (fgetc(file) != 'P' || fgetc(file) != '6' || !ppm_number(file, &width) || !ppm_number(file, &height) || !ppm_number(file, &most) ||
      most != 255)
    return failed(path, "not a .ppm picture (P6, 255)");
  if ((bytes = net2c_picture_bytes(net, width, height)) == 0) return failed(path, "the picture is too small or too large");
  pixels = (unsigned char *)malloc((size_t)width * height * 3);
  scratch = malloc(bytes);
  good = pixels && scratch && fread(pixels, 3, (size_t)width * height, file) == (size_t)width * height;
  if (good) good = net2c_picture(net, pixels, width, height, (size_t)width * 3, NET2C_RGB, scratch, data) == 0;
  picture_width = width, picture_height = height;
  free(scratch);
  free(pixels);
  return good ? 1 : failed(path, "cut off");
}
#endif

static int read_input(const struct net2c *net, const char *path, int index, const struct net2c_port *port, void *data)
{
  FILE *file = fopen(path, "rb");
  int good;
  if (!file) return failed(path, "cannot be read");
#if defined(NET2C_PICTURE)
  if (index == 0 && fgetc(file) == 'P') {
    rewind(file);
    good = read_ppm(net, file, path, data);
    fclose(file);
    return good;
  }
  rewind(file);
#else
  (void)net, (void)index;
#endif
  good = read_npy(file, path, port, data);
  fclose(file);
  return good;
}

/* Numbers in -1..1 for floats, small ones for the others. */
static void random_input(const struct net2c_port *port, void *data)
{
  unsigned state = 1;
  memset(data, 0, port->bytes);
  if (port->type != NET2C_F32) return;
  for (size_t i = 0, n = count_of(port); i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    ((float *)data)[i] = (float)(int)(state >> 8) / 8388608.0f - 1.0f;
  }
}

static const char *label_of(unsigned index) { return index + 1ull <= NET2C_LABELS ? net2c_labels[index] : ""; }

static void print_best(const struct net2c_port *port, const float *x, unsigned k)
{
  const unsigned n = (unsigned)count_of(port);
  unsigned *best = (unsigned *)malloc((k ? k : 1) * sizeof *best);
  if (!best) return;
  printf("%s, the %u largest of %u:\n", port->name, k, n);
  k = net2c_best(x, n, k, best);
  for (unsigned i = 0; i < k; ++i) printf("  %9.6f  %5u  %s\n", (double)x[best[i]], best[i], label_of(best[i]));
  free(best);
}

#if defined(NET2C_BOXES)
static void print_boxes(const struct net2c *net, void *const outputs[])
{
  void *scratch = malloc(NET2C_BOXES_BYTES);
  struct net2c_box *boxes = (struct net2c_box *)malloc(NET2C_BOXES * sizeof *boxes);
  unsigned n = 0;
  if (scratch && boxes) n = net2c_boxes(net, (const void *const *)outputs, picture_width, picture_height, scratch, boxes);
  printf("%u boxes: score, left, top, right, bottom, class\n", n);
  for (unsigned i = 0; i < n; ++i)
    printf("  %5.3f  %7.1f %7.1f %7.1f %7.1f  %u %s\n", (double)boxes[i].score, (double)boxes[i].left, (double)boxes[i].top,
           (double)boxes[i].right, (double)boxes[i].bottom, boxes[i].label, label_of(boxes[i].label));
  free(boxes);
  free(scratch);
}
#endif

#if defined(NET2C_MAP_BYTES)
/* The classes of the pixels as a grey picture. */
static int write_map(const struct net2c *net, void *const outputs[], const char *folder)
{
  char path[4096];
  unsigned char *map = (unsigned char *)malloc((size_t)picture_width * picture_height + 1);
  void *scratch = malloc(NET2C_MAP_BYTES);
  FILE *file = NULL;
  int good = map && scratch && (size_t)snprintf(path, sizeof path, "%s/picture_classes.pgm", folder) < sizeof path;
  if (good) {
    net2c_map(net, (const void *const *)outputs, picture_width, picture_height, scratch, map);
    good = (file = fopen(path, "wb")) != NULL && fprintf(file, "P5\n%u %u\n255\n", picture_width, picture_height) > 0;
    good = good && fwrite(map, picture_width, picture_height, file) == picture_height;
    if (file) good &= fclose(file) == 0;
  }
  free(scratch);
  free(map);
  return good ? 1 : failed(folder, "picture_classes.pgm cannot be written");
}
#endif

static double trace_time;
static int trace(void *context, const struct net2c_event *e)
{
  const double now = now_ms();
  (void)context;
  printf("%4u  %8.3f ms  %-24s %s%s%s\n", e->step, now - trace_time, e->kernel, e->layer, e->tensor ? " -> " : "",
         e->tensor ? e->tensor : "");
  trace_time = now_ms();
  return 0;
}

static int compare_times(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
  static const char *const isas[] = {"best", "portable", "avx2", "avx512", "neon"};
  void *inputs[NET2C_INPUTS + 1] = {0}, *outputs[NET2C_OUTPUTS + 1] = {0};
  struct net2c_options options = NET2C_OPTIONS;
  struct net2c net;
  const struct net2c_port *ins, *outs;
  const char *folder = NULL, *files[NET2C_INPUTS + 1] = {0};
  long given = 0, repeat = 0, top = 5;
  int verify = 0, error, status = 1;
#if defined(NET2C_SELF_TEST_BYTES)
  int self_test = 0;
#endif
  double start, opened, first;
  double *times = NULL;

  options.weights_path = NET2C_WEIGHTS_FILE;
  for (int i = 1; i < argc; ++i) {
    const char *a = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
    if (a[0] != '-') {
      if (given == NET2C_INPUTS) {
        failed(a, "the network has fewer inputs");
        goto done;
      }
      files[given++] = a;
      continue;
    }
    if (!strcmp(a, "--verify")) verify = 1;
    else if (!strcmp(a, "--trace")) options.trace = trace;
#if defined(NET2C_SELF_TEST_BYTES)
    else if (!strcmp(a, "--self-test")) self_test = 1;
#endif
    else if (!strcmp(a, "--help")) {
      usage(stdout);
      status = 0;
      goto done;
    } else if (value && ++i) {
      if (!strcmp(a, "--weights")) options.weights_path = value;
      else if (!strcmp(a, "--size")) options.size = (int)strtol(value, NULL, 10);
      else if (!strcmp(a, "--threads")) options.workers = (unsigned)strtoul(value, NULL, 10);
      else if (!strcmp(a, "--repeat")) repeat = strtol(value, NULL, 10);
      else if (!strcmp(a, "--top")) top = strtol(value, NULL, 10);
      else if (!strcmp(a, "--output")) folder = value;
      else if (!strcmp(a, "--isa")) {
        for (options.isa = 4; options.isa && strcmp(value, isas[options.isa]); --options.isa) {}
        if (!options.isa) {
          failed(value, "not an ISA");
          goto done;
        }
      } else {
        usage(stderr);
        goto done;
      }
    } else {
      usage(stderr);
      goto done;
    }
  }
  if (options.size < 0 || options.size >= NET2C_SIZES) {
    failed("--size", net2c_error(NET2C_BAD_SIZE));
    goto done;
  }
  ins = net2c_inputs + options.size * NET2C_INPUTS;
  outs = net2c_outputs + options.size * NET2C_OUTPUTS;
  for (int i = 0; i < NET2C_OUTPUTS; ++i)
    if (!(outputs[i] = malloc(outs[i].bytes + 1))) goto done;
  for (int i = 0; i < NET2C_INPUTS; ++i) {
    if (!(inputs[i] = malloc(ins[i].bytes + 1))) goto done;
    if (i >= given) random_input(&ins[i], inputs[i]);
  }

  start = now_ms();
  if ((error = net2c_open(&net, &options))) {
    failed(options.weights_path ? options.weights_path : "weights", net2c_error(error));
    goto done;
  }
  opened = now_ms();
  for (int i = 0; i < given; ++i)
    if (!read_input(&net, files[i], i, &ins[i], inputs[i])) goto close;
  if (verify) {
    if ((error = net2c_verify(&net))) {
      failed(options.weights_path ? options.weights_path : "weights", net2c_error(error));
      goto close;
    }
    printf("weights: whole\n");
  }
#if defined(NET2C_SELF_TEST_BYTES)
  if (self_test) {
    void *scratch = malloc(NET2C_SELF_TEST_BYTES + 1);
    error = scratch ? net2c_self_test(&net, scratch) : NET2C_NO_MEMORY;
    free(scratch);
    if (error) {
      failed("self-test", net2c_error(error));
      goto close;
    }
    printf("self-test: passed\n");
  }
#endif
  first = trace_time = now_ms();
  if ((error = net2c_run(&net, (const void *const *)inputs, outputs))) {
    failed("run", net2c_error(error));
    goto close;
  }
  printf("%s, %u threads: open %.3f ms, first run %.3f ms; weights %lu bytes, arena %lu bytes\n", net2c_isa(&net),
         options.workers ? options.workers : 1, opened - start, now_ms() - first, (unsigned long)NET2C_WEIGHTS_BYTES,
         (unsigned long)NET2C_ARENA_BYTES(options.workers ? options.workers : 1));
  if (repeat > 0 && (times = (double *)malloc((size_t)repeat * sizeof *times))) {
    for (long i = 0; i < repeat; ++i) {
      start = now_ms();
      net2c_run(&net, (const void *const *)inputs, outputs);
      times[i] = now_ms() - start;
    }
    qsort(times, (size_t)repeat, sizeof *times, compare_times);
    printf("%ld runs: min %.3f ms, median %.3f ms\n", repeat, times[0], times[repeat / 2]);
  }
  for (int i = 0; i < NET2C_OUTPUTS; ++i)
    if (outs[i].type == NET2C_F32) print_best(&outs[i], (const float *)outputs[i], top > 0 ? (unsigned)top : 0);
#if defined(NET2C_BOXES)
  print_boxes(&net, outputs);
#endif
  status = 0;
#if defined(NET2C_MAP_BYTES)
  if (folder && picture_width && !write_map(&net, outputs, folder)) status = 1;
#endif
  for (int i = 0; folder && i < NET2C_OUTPUTS; ++i)
    if (!write_npy(folder, &outs[i], outputs[i])) status = 1;
close:
  net2c_close(&net);
done:
  free(times);
  for (int i = 0; i < NET2C_INPUTS; ++i) free(inputs[i]);
  for (int i = 0; i < NET2C_OUTPUTS; ++i) free(outputs[i]);
  return status;
}
