/* The argument structs of all families: one line each. */
#include "kernels/kernel.h"
#include "kernels/move/layout_args.h"
#include "kernels/act/act_args.h"
#include "kernels/conv/conv_args.h"
#include "kernels/depthwise/depthwise_args.h"
#include "kernels/dense/dense_args.h"
#include "kernels/eltwise/eltwise_args.h"
#include "kernels/move/move_args.h"
