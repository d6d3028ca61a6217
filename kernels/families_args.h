/* The argument structs of all families: one line each. */
#include "kernels/kernel.h"
#include "kernels/move/layout_args.h"
#include "kernels/act/act_args.h"
#include "kernels/eltwise/eltwise_args.h"
