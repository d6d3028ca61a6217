/* conformance WEIGHTS ISA INPUTS OUTPUTS: runs the bundle `cases` on the bytes of all inputs, one after the other, and writes
 * those of all outputs so. */
#include <stdlib.h>
#include "cases.h"
#include "check.h"

int main(int argc, char **argv)
{
  static const void *inputs[CASES_INPUTS + 1];
  static void *outputs[CASES_OUTPUTS + 1];
  struct cases net;
  struct cases_options options = CASES_OPTIONS;
  FILE *file;
  int error;
  CHECK(argc == 5);
  options.weights_path = argv[1], options.isa = atoi(argv[2]), options.workers = 2;
  file = fopen(argv[3], "rb");
  CHECK(file);
  for (int i = 0; i < CASES_INPUTS; ++i) {
    char *x = malloc(cases_inputs[i].bytes + 1);
    CHECK(x && fread(x, 1, cases_inputs[i].bytes, file) == cases_inputs[i].bytes);
    inputs[i] = x;
  }
  fclose(file);
  for (int i = 0; i < CASES_OUTPUTS; ++i) CHECK((outputs[i] = malloc(cases_outputs[i].bytes + 1)) != 0);
  error = cases_open(&net, &options);
  if (error) printf("%s\n", cases_error(error));
  CHECK(error == 0);
  CHECK(cases_run(&net, inputs, outputs) == 0);
  cases_close(&net);
  file = fopen(argv[4], "wb");
  CHECK(file);
  for (int i = 0; i < CASES_OUTPUTS; ++i) CHECK(fwrite(outputs[i], 1, cases_outputs[i].bytes, file) == cases_outputs[i].bytes);
  CHECK(fclose(file) == 0);
  return 0;
}
