#include "lower/fuse_pools.h"

#include "kernels/act/act_args.h"
#include "kernels/pool/pool_args.h"
#include "kernels/winograd/winograd_args.h"
#include "lower/map_rows.h"
#include "lower/step_args.h"

namespace net2c {

namespace {

// Each 2 x 2 outputs of the map, and nothing beyond them.
bool is_halving(const net2c_pool_args &p)
{
  return !(p.pad_top | p.pad_left | p.pad_bottom | p.pad_right) && p.x.h == 2 * p.y.h && p.x.w == 2 * p.y.w && p.x.base >> 29 == NET2C_ARENA;
}

bool can_pool(const Step &step, const net2c_map &map)
{
  if (kernel_of(step) != "winograd3" && kernel_of(step) != "winograd3_half") return false;
  const auto a = args_of<net2c_winograd_args>(step);
  const bool rises = a.act == NET2C_ACT_CLIP || (a.act == NET2C_ACT_LEAKY_RELU && a.a > 0 && a.a <= 1);
  return is_same(a.y, map) && a.r.base == NET2C_NONE && a.scale == NET2C_NONE && rises;
}

}  // namespace

void fuse_pools(Recipe &recipe)
{
  find_lifetimes(recipe);
  std::vector<Step> steps;
  for (size_t i = 0; i < recipe.steps.size(); ++i) {
    Step &pool = recipe.steps[i];
    if (kernel_of(pool) != "max_pool_2_2" || !is_halving(args_of<net2c_pool_args>(pool))) {
      steps.push_back(std::move(pool));
      continue;
    }
    const auto p = args_of<net2c_pool_args>(pool);
    const size_t between = buffer_at(recipe, p.x.base);
    const auto touches = [&](Step &step) {
      bool found = false;
      each_arena_ref(step, [&](net2c_ref &ref) { found = found || buffer_at(recipe, ref) == between; });
      return found;
    };
    // Nobody but these writes or reads the map between; steps up to the pool are in `steps` by now.
    std::vector<Step *> writers;
    bool fits = recipe.buffers[between].last == i;
    for (Step &step : steps)
      if (touches(step)) {
        fits = fits && can_pool(step, p.x);
        writers.push_back(&step);
      }
    if (!fits || writers.empty()) {
      steps.push_back(std::move(pool));
      continue;
    }
    for (Step *step : writers) {
      auto a = args_of<net2c_winograd_args>(*step);
      a.y = p.y, a.pool = 1;
      set_args(*step, a);
      step->written.clear();
    }
    writers.back()->written = std::move(pool.written);
  }
  recipe.steps = std::move(steps);
}

}  // namespace net2c
