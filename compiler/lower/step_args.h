// The arguments of a step as its family's struct, for passes over recipes.
#pragma once

#include <cstring>

#include "plan/plan.h"

namespace net2c {

template <class Args>
Args args_of(const Step &step)
{
  Args a;
  std::memcpy(&a, step.args.data(), sizeof a);
  return a;
}

template <class Args>
void set_args(Step &step, const Args &a)
{
  std::memcpy(step.args.data(), &a, sizeof a);
}

}  // namespace net2c
