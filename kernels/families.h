/* The bodies of all families: one line each. */
#include "kernels/families_args.h"
#include "kernels/act/act.h"
