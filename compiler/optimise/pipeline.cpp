#include "optimise/optimise.h"

#include <span>

namespace net2c {

namespace {

struct Pass {
  const char *name;
  int (*run)(Graph &);
};

// In this order, because
const Pass passes[] = {
    {"fold_constants", fold_constants},          // the others look for constants
    {"remove_identities", remove_identities},    // and for neighbours
    {"recognise_patterns", recognise_patterns},  // spelled in plain arithmetic, so before any of it becomes Affine
    {"cancel_transposes", cancel_transposes},    // which would stand between all that follows; a pattern turns as one op
    {"remove_dead", remove_dead},                // left-over readers would keep what follows from fusing
    {"fold_pads", fold_pads},                    // a Pad would stand between a scale and its convolution; and a halo can make
                                                 // that scale foldable
    {"fold_affine", fold_affine},                // costs nothing at run time, so before all that does
    {"expand_norms", expand_norms},              // what could not be folded
    {"fuse_bias", fuse_bias},                    // sums in the order of the epilogue: bias, residual,
    {"fuse_residual", fuse_residual},
    {"fuse_activation", fuse_activation},  // activation,
    {"fuse_affine", fuse_affine},          // scale and shift
    {"move_strides", move_strides},        // a Slice of a shortcut would stand between a sum and what it is fused with
    {"remove_dead", remove_dead},
};

// Once, when there is nothing else to do: a Slice would stand between a convolution and what it could still be fused with.
const Pass last_passes[] = {
    {"merge_siblings", merge_siblings},
    {"remove_dead", remove_dead},
};

// Each round takes away nodes, operands or work, so it ends; the bound is for passes that undo each other by mistake.
constexpr int most_rounds = 16;

}  // namespace

void optimise(Graph &graph, const std::function<void(const char *, int)> &progress)
{
  const auto run = [&](std::span<const Pass> all) {
    int changes = 0;
    for (const Pass &pass : all) {
      const int made = pass.run(graph);
      changes += made;
      verify(graph, pass.name);
      if (progress) progress(pass.name, made);
    }
    return changes;
  };
  for (int round = 0; run(passes) > 0; ++round)
    if (round == most_rounds) bug("the passes do not come to an end in {} rounds", most_rounds);
  run(last_passes);
}

}  // namespace net2c
