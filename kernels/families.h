/* The bodies of all families: one line each. */
#include "kernels/families_args.h"
#include "kernels/move/copy_plain.h"
#include "kernels/move/to_map.h"
#include "kernels/move/to_plain.h"
#include "kernels/move/copy_map.h"
#include "kernels/act/act.h"
#include "kernels/act/act_plain.h"
