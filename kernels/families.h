/* The bodies of all families: one line each. */
#include "kernels/families_args.h"
#include "kernels/move/copy_plain.h"
#include "kernels/act/act.h"
