#include "cli/native.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>

#include "cli/build.h"

namespace net2c::cli {

namespace {

using Written_hook = int (*)(void *, unsigned step, const char *tensor, const void *data);
using Run = int (*)(const void *weights, size_t bytes, int isa, unsigned workers, const void *const *inputs, void *const *outputs,
                    Written_hook, void *context, const char **why);

struct Free {
  void operator()(void *p) const { std::free(p); }
};

// What lies at `data`, the first element of the tensor, in the layout that the step wrote.
Tensor read_at(const Written &w, const void *data)
{
  Tensor t(w.type, w.shape);
  if (w.layout == Layout::plain) {
    if (!t.bytes.empty()) std::memcpy(t.bytes.data(), data, t.bytes.size());
    return t;
  }
  const net2c_map &m = w.map;
  float *y = t.as<float>().data();
  for (uint32_t n = 0; n < m.n; ++n)
    for (uint32_t c = 0; c < m.c; ++c)
      for (uint32_t i = 0; i < m.h; ++i)
        for (uint32_t j = 0; j < m.w; ++j)
          *y++ = static_cast<const float *>(data)[(size_t{n} * m.image + size_t{c / m.lanes} * m.plane + size_t{i} * m.pitch + j) * m.lanes + c % m.lanes];
  return t;
}

struct Context {
  const Recipe *recipe;
  const Native::Trace *trace;
  std::exception_ptr error;   // C code lies between: thrown again after the run
};

int on_written(void *context, unsigned step, const char *tensor, const void *data)
{
  Context &c = *static_cast<Context *>(context);
  try {
    for (const Written &w : c.recipe->steps[step].written)
      if (w.name == tensor) (*c.trace)(w, read_at(w, data), c.recipe->steps[step].layer);
    return 0;
  } catch (...) {
    c.error = std::current_exception();
    return 1;
  }
}

}  // namespace

struct Native::State {
  const Recipe *recipe;
  Isa isa;
  uint32_t threads;
  void *library = nullptr;
  Run run = nullptr;
  std::unique_ptr<void, Free> weights;
  size_t weights_bytes = 0;
  ~State()
  {
    if (library) dlclose(library);
  }
};

Native::Native(const Recipe &recipe, Isa isa, uint32_t threads, Progress &progress) : state_(new State{&recipe, isa, threads, nullptr, nullptr, nullptr, 0})
{
  check_runs_here(isa);
  progress.stage("emitting C");
  EmitOptions options;
  options.name = "net";
  options.isas = {isa};
  const Bundle bundle = emit(recipe, options);
  const std::string path = build(bundle, "native.c", {"-shared", "-fPIC"}, progress);
  state_->library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!state_->library) fail({.file = path}, "cannot be loaded ({}); remove it and try again", dlerror());
  state_->run = reinterpret_cast<Run>(dlsym(state_->library, "net_native_run"));
  if (!state_->run) bug("the built bundle has no net_native_run");
  for (const BundleFile &f : bundle.files)
    if (f.name == "net.weights") {
      state_->weights_bytes = f.bytes.size();
      state_->weights.reset(std::aligned_alloc(64, (f.bytes.size() + 63) / 64 * 64));
      std::memcpy(state_->weights.get(), f.bytes.data(), f.bytes.size());
    }
}

Native::~Native() = default;

std::vector<Tensor> Native::run(const std::vector<Tensor> &inputs, const Trace &trace)
{
  const Recipe &r = *state_->recipe;
  std::vector<const void *> in;
  std::vector<Tensor> outputs;
  std::vector<void *> out;
  for (const Tensor &t : inputs) in.push_back(t.bytes.data());
  for (const Port &p : r.outputs) outputs.emplace_back(p.type, p.shape);
  for (Tensor &t : outputs) out.push_back(t.bytes.data());
  Context context{&r, &trace, nullptr};
  const char *why = "";
  const int error = state_->run(state_->weights.get(), state_->weights_bytes, static_cast<int>(state_->isa) + 1, state_->threads, in.data(),
                                out.data(), trace ? on_written : nullptr, &context, &why);
  if (context.error) std::rethrow_exception(context.error);
  if (error) bug("the emitted network fails: {} ({})", error, why);
  return outputs;
}

}  // namespace net2c::cli
