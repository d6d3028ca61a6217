// A bundle in C++, on std::thread. argv: the weights file.
#include <thread>
#include <vector>

#include "check.h"
#include "one.h"

static void threads(void *, unsigned n, void (*body)(void *task, unsigned i), void *task)
{
  std::vector<std::thread> all;
  for (unsigned i = 0; i < n; ++i) all.emplace_back(body, task, i);
  for (std::thread &t : all) t.join();
}

int main(int argc, char **argv)
{
  one_options o = ONE_OPTIONS;
  one net;
  std::vector<float> x(ONE_INPUT_0_COUNT), y(ONE_OUTPUT_0_COUNT), w(ONE_OUTPUT_1_COUNT);
  const void *in[] = {x.data()};
  void *out[] = {y.data(), w.data()};
  CHECK(argc == 2);
  fill_input(x.data());
  o.weights_path = argv[1];
  o.workers = 3;
  o.parallel_for = threads;
  CHECK(one_open(&net, &o) == 0);
  CHECK(one_run(&net, in, out) == 0);
  check_outputs(y.data(), w.data(), 0.0f);
  one_close(&net);
  return 0;
}
