/* Two bundles in one program (one: relu, two: leaky relu), every kind of parallel_for, instances in several threads on one
 * pool and one mapping of the weights, the hook. argv: the two weights files. */
#include <pthread.h>

#include "check.h"
#include "one.h"
#include "two.h"

typedef void (*body_t)(void *task, unsigned i);

static void serial(void *context, unsigned n, body_t body, void *task)
{
  (void)context;
  for (unsigned i = 0; i < n; ++i) body(task, i);
}
static void one_only(void *context, unsigned n, body_t body, void *task)
{
  (void)context;
  body(task, n - 1);
}
static void nobody(void *context, unsigned n, body_t body, void *task)
{
  (void)context;
  (void)n;
  (void)body;
  (void)task;
}

struct call { body_t body; void *task; unsigned i; };
static void *enter(void *p)
{
  struct call *c = p;
  c->body(c->task, c->i);
  return NULL;
}
static void threads(void *context, unsigned n, body_t body, void *task)
{
  pthread_t id[64];
  struct call call[64];
  unsigned started = *(unsigned *)context < n ? *(unsigned *)context : n; /* fewer than asked */
  for (unsigned i = 0; i < started; ++i) {
    call[i].body = body, call[i].task = task, call[i].i = i;
    CHECK(pthread_create(&id[i], NULL, enter, &call[i]) == 0);
  }
  for (unsigned i = 0; i < started; ++i) pthread_join(id[i], NULL);
}

static const char *weights[2];
static float x[COUNT];

static void run_one(const struct one_options *o)
{
  struct one net;
  float y[COUNT], w[WEIGHTS];
  const void *in[] = {x};
  void *out[] = {y, w};
  CHECK(one_open(&net, o) == 0);
  for (int i = 0; i < 3; ++i) {
    memset(y, 0xff, sizeof y);
    memset(w, 0xff, sizeof w);
    CHECK(one_run(&net, in, out) == 0);
    check_outputs(y, w, 0.0f);
  }
  one_close(&net);
}

static void *instance(void *pool)
{
  struct two_options o = TWO_OPTIONS;
  struct two net;
  float y[COUNT], w[WEIGHTS];
  const void *in[] = {x};
  void *out[] = {y, w};
  o.weights_path = weights[1];
  o.workers = 3;
  o.parallel_for = two_pool_run;
  o.context = pool;
  CHECK(two_open(&net, &o) == 0);
  for (int i = 0; i < 50; ++i) {
    CHECK(two_run(&net, in, out) == 0);
    check_outputs(y, w, 0.25f);
  }
  two_close(&net);
  return NULL;
}

struct seen { unsigned events, stop_at; float sum; };
static int hook(void *context, const struct one_event *e)
{
  struct seen *s = context;
  CHECK(e->step == s->events && e->steps == 4);
  if (e->step == 1) {
    CHECK(!strcmp(e->layer, "act") && !strcmp(e->kernel, "act") && !strcmp(e->tensor, "y") && e->lanes == 8 && e->rank == 4);
    for (size_t c = 0; c < e->dims[1]; ++c)
      for (size_t i = 0; i < e->dims[2]; ++i)
        for (size_t j = 0; j < e->dims[3]; ++j)
          s->sum += ((const float *)e->data)[(c / e->lanes * e->plane + i * e->pitch + j) * e->lanes + c % e->lanes];
  }
  return ++s->events == s->stop_at ? 77 : 0;
}

int main(int argc, char **argv)
{
  struct one_options o = ONE_OPTIONS;
  struct seen seen = {0, 0, 0};
  unsigned many = 64, two_threads = 2;
  CHECK(argc == 3);
  weights[0] = argv[1], weights[1] = argv[2];
  fill_input(x);
  o.weights_path = weights[0];
  CHECK(one_input("x") == 0 && one_input("y") == -1 && one_output("w") == 1 && one_outputs[0].dims[1] == 8);
  run_one(&o);
  for (unsigned workers = 1; workers <= 8; ++workers) {
    o.workers = workers;
    o.parallel_for = NULL;
    run_one(&o);
    o.parallel_for = serial, run_one(&o);
    o.parallel_for = one_only, run_one(&o);
    o.parallel_for = nobody, run_one(&o);
    o.parallel_for = threads, o.context = &many, run_one(&o);
    o.context = &two_threads, run_one(&o);
  }

  {
    struct two_pool *pool = two_pool_open(2);
    pthread_t id[3];
    for (int i = 0; i < 3; ++i) CHECK(pthread_create(&id[i], NULL, instance, pool) == 0);
    for (int i = 0; i < 3; ++i) pthread_join(id[i], NULL);
    two_pool_close(pool);
  }

  for (unsigned workers = 1; workers <= 3; ++workers)
    for (unsigned stop_at = 0; stop_at <= 4; ++stop_at) {
      struct one net;
      float y[COUNT], w[WEIGHTS], sum = 0;
      const void *in[] = {x};
      void *out[] = {y, w};
      o.workers = workers, o.parallel_for = NULL, o.context = NULL;
      o.trace = hook, o.trace_context = &seen;
      seen.events = 0, seen.sum = 0, seen.stop_at = stop_at;
      CHECK(one_open(&net, &o) == 0);
      CHECK(one_run(&net, in, out) == (stop_at ? 77 : 0));
      CHECK(seen.events == (stop_at ? stop_at : 4));
      for (int i = 0; i < COUNT; ++i) sum += expected_at(i, 0.0f);
      if (stop_at != 1) CHECK(seen.sum == sum); /* halves: exact in any order */
      one_close(&net);
    }
  return 0;
}
