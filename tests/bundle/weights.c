/* Weights mapped, handed over or (-DLINKED) linked in; bad ones refused. argv: the weights file, one of another network, a
 * folder to write to. */
#include "check.h"
#include "one.h"

static char path[4096];
static _Alignas(64) unsigned char bytes[ONE_WEIGHTS_BYTES + 64], other[1 << 16];

static size_t read_all(const char *name, void *to, size_t most)
{
  FILE *f = fopen(name, "rb");
  CHECK(f);
  most = fread(to, 1, most, f);
  fclose(f);
  return most;
}

/* What open says of these bytes, as a file and in memory. */
static int open_bytes(const void *data, size_t n)
{
  struct one_options o = ONE_OPTIONS;
  struct one net;
  FILE *f = fopen(path, "wb");
  int mapped, given;
  CHECK(f && fwrite(data, 1, n, f) == n && fclose(f) == 0);
  o.weights_path = path;
  mapped = one_open(&net, &o);
  if (!mapped) one_close(&net);
  o.weights_path = NULL, o.weights = data, o.weights_bytes = n;
  given = one_open(&net, &o);
  if (!given) one_close(&net);
  CHECK(mapped == given);
  return given;
}

static int open_changed(size_t at)
{
  int error;
  bytes[at] ^= 0x10;
  error = open_bytes(bytes, ONE_WEIGHTS_BYTES);
  bytes[at] ^= 0x10;
  return error;
}

int main(int argc, char **argv)
{
  struct one_options o = ONE_OPTIONS;
  struct one net;
  static float x[COUNT], y[COUNT], w[WEIGHTS];
  const void *in[] = {x};
  void *out[] = {y, w};
  size_t n;
  CHECK(argc == 4);
  snprintf(path, sizeof path, "%s/bad.weights", argv[3]);
  fill_input(x);
  n = read_all(argv[1], bytes, sizeof bytes);
  CHECK(n == ONE_WEIGHTS_BYTES);

  CHECK(open_bytes(bytes, n) == 0);
  CHECK(open_changed(0) == ONE_FOREIGN);
  CHECK(open_changed(8) == ONE_BAD_VERSION);
  CHECK(open_changed(12) == ONE_BAD_ORDER);
  CHECK(open_changed(16) == ONE_OTHER_NETWORK);
  CHECK(open_changed(24) == ONE_BAD_LENGTH);
  for (size_t cut = 1; cut < n; cut += cut < 70 ? 1 : 37) CHECK(open_bytes(bytes, cut) == ONE_TRUNCATED);
  CHECK(open_bytes(bytes, n + 64) == ONE_BAD_LENGTH);
  CHECK(open_bytes(other, read_all(argv[2], other, sizeof other)) == ONE_OTHER_NETWORK);

  /* verify finds every flipped bit that open lets through */
  o.weights = bytes, o.weights_bytes = n;
  CHECK(one_open(&net, &o) == 0 && one_verify(&net) == 0);
  for (size_t at = 32; at < n; ++at)
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] ^= (unsigned char)(1 << bit);
      CHECK(one_verify(&net) == ONE_DAMAGED);
      bytes[at] ^= (unsigned char)(1 << bit);
    }
  one_close(&net);

  o.weights = bytes + 8;
  CHECK(one_open(&net, &o) == ONE_BAD_ALIGNMENT);
  o.weights = NULL, o.weights_bytes = 0;
  o.weights_path = "/nowhere/at/all";
  CHECK(one_open(&net, &o) == ONE_CANNOT_READ);
  o.weights_path = argv[3];
  CHECK(one_open(&net, &o) == ONE_CANNOT_READ);
  o.weights_path = NULL;
#if defined(LINKED)
  CHECK(one_open(&net, &o) == 0 && one_verify(&net) == 0 && one_run(&net, in, out) == 0);
  check_outputs(y, w, 0.0f);
  one_close(&net);
#else
  CHECK(one_open(&net, &o) == ONE_NOT_GIVEN);
#endif
  o.weights_path = argv[1];
  o.abi = 99, CHECK(one_open(&net, &o) == ONE_BAD_ABI), o.abi = ONE_ABI;
  o.size = 1, CHECK(one_open(&net, &o) == ONE_BAD_SIZE), o.size = 0;
  o.isa = 99, CHECK(one_open(&net, &o) == ONE_NO_ISA), o.isa = ONE_BEST;
  o.workers = 65, CHECK(one_open(&net, &o) == ONE_BAD_WORKERS), o.workers = 1;
  o.arena = other, o.arena_bytes = ONE_ARENA_BYTES(1) - 1;
  CHECK(sizeof other >= ONE_ARENA_BYTES(1) && one_open(&net, &o) == ONE_SMALL_ARENA);
  o.arena_bytes = ONE_ARENA_BYTES(1);
  CHECK(one_open(&net, &o) == 0 && one_run(&net, in, out) == 0);
  check_outputs(y, w, 0.0f);
  one_close(&net);
  o.arena = other + 4;
  CHECK(one_open(&net, &o) == ONE_BAD_ALIGNMENT);
  for (int e = ONE_BAD_ABI; e <= ONE_BAD_WORKERS; ++e)
    for (int d = e + 1; d <= ONE_OK; ++d)
      if (d <= ONE_BAD_WORKERS || d == ONE_OK) CHECK(strcmp(one_error(e), one_error(d)));
  return 0;
}
