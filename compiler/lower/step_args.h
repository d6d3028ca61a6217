// A step's kernel, and its arguments as its family's struct, for passes over recipes.
#pragma once

#include <cstring>
#include <string_view>

#include "plan/plan.h"

namespace net2c {

inline std::string_view kernel_of(const Step &step) { return catalogue()[step.kernel].name; }
inline std::string_view family_of(const Step &step) { return catalogue()[step.kernel].family->name; }

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
