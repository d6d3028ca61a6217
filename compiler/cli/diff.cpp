#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/engine.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "execute/compare.h"

namespace net2c::cli {

namespace {

struct Options {
  ModelOptions model;
  std::string engines = "reference,plan", isas;
  uint32_t threads = 1;
  double limit = 1e-4;
  bool json = false, all = false;
};

std::pair<std::string, std::string> pair_of(const std::string &text, const char *option)
{
  const size_t comma = text.find(',');
  if (comma == std::string::npos) return {text, text};
  if (comma == 0 || comma + 1 == text.size() || text.find(',', comma + 1) != std::string::npos) fail({}, "{} {}: write A,B", option, text);
  return {text.substr(0, comma), text.substr(comma + 1)};
}

void diff(const Options &o)
{
  const auto [engine_a, engine_b] = pair_of(o.engines, "--engine");
  EngineOptions a{engine_named(engine_a), {}, o.threads}, b{engine_named(engine_b), {}, o.threads};
  if (!o.isas.empty()) {
    const auto [isa_a, isa_b] = pair_of(o.isas, "--isa");
    a.isa = isa_named(isa_a), b.isa = isa_named(isa_b);
  }
  SpokenProgress progress;
  const Model model = load(o.model, progress);
  const Recipe recipe = recipe_of(model, progress);
  const std::vector<Tensor> inputs = model.inputs.empty() ? random_inputs(model.graph) : model.inputs;

  std::map<ValueId, Tensor> kept;
  std::vector<Difference> steps;
  // Only values that both engines complete are compared; the plan completes fewer than the interpreter.
  const bool b_first = b.kind == EngineKind::plan || b.kind == EngineKind::native;
  const EngineOptions &first = b_first ? b : a, &second = b_first ? a : b;
  const auto out_first = run_engine(first, model, &recipe, inputs, progress, [&](ValueId v, const Tensor &t, const std::string &) { kept.insert_or_assign(v, t); });
  const auto out_second = run_engine(second, model, &recipe, inputs, progress, [&](ValueId v, const Tensor &t, const std::string &layer) {
    const auto it = kept.find(v);
    if (it == kept.end()) return;
    const std::string &name = model.optimised.values[v].name;
    steps.push_back(b_first ? compare(name, layer, t, it->second) : compare(name, layer, it->second, t));
    kept.erase(it);
  });
  for (size_t i = 0; i < out_first.size(); ++i)
    steps.push_back(compare(model.graph.values[model.graph.outputs[i]].name, "output", b_first ? out_second[i] : out_first[i], b_first ? out_first[i] : out_second[i]));

  const auto over = std::find_if(steps.begin(), steps.end(), [&](const Difference &d) { return !(d.max_abs <= o.limit * std::max(d.range, 1e-30)) && !d.same_bits && d.max_abs > 0; });
  const bool same = std::all_of(steps.begin(), steps.end(), [](const Difference &d) { return d.same_bits; });
  if (o.json) {
    nlohmann::ordered_json json{{"limit", o.limit}, {"same_bits", same}, {"first_over", over == steps.end() ? nlohmann::ordered_json() : nlohmann::ordered_json(over->name)}};
    for (const Difference &d : steps)
      json["steps"].push_back({{"value", d.name}, {"layer", d.layer}, {"max_abs", d.max_abs}, {"range", d.range}, {"relative_rms", d.relative_rms}, {"same_bits", d.same_bits}});
    fmt::print("{}\n", json.dump());
  } else {
    size_t width = 5;
    for (const Difference &d : steps) width = std::max(width, std::min<size_t>(48, d.name.size()));
    fmt::print("{:{}}  {:>10}  {:>10}  {:>10}\n", "value", width, "max abs", "range", "rel. rms");
    for (const Difference &d : steps) {
      const std::string name = d.name.size() > 48 ? "..." + d.name.substr(d.name.size() - 45) : d.name;
      if (d.same_bits) fmt::print("{:{}}  {:>10}  {:>10.4g}  {:>10}\n", name, width, "same bits", d.range, "");
      else fmt::print("{:{}}  {:>10.3g}  {:>10.4g}  {:>10.3g}{}\n", name, width, d.max_abs, d.range, d.relative_rms, over != steps.end() && &d == &*over ? "  <- first over the limit" : "");
    }
    if (same) fmt::print("\nsame bits in all {} values\n", steps.size());
    else if (over == steps.end()) fmt::print("\nall {} values within {:g} of their range\n", steps.size(), o.limit);
    else fmt::print("\nfirst over {:g} of its range: '{}' (layer '{}')\n", o.limit, over->name, over->layer);
  }
  if (over != steps.end()) {
    std::fflush(stdout);
    throw Exit{3};
  }
}

}  // namespace

void add_diff(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  CLI::App *verb = app.add_subcommand("diff", "run a network in two ways and compare every step; exit 3 when they differ more than allowed");
  add_model_options(*verb, o->model, true);
  add_size_options(*verb, o->model);
  add_plan_options(*verb, o->model);
  verb->add_option("--engine", o->engines, "A,B of reference, plan, native; one name for both (default reference,plan)");
  verb->add_option("--isa", o->isas, "A,B of portable, avx2, avx512, neon");
  verb->add_option("--threads", o->threads, "workers")->check(CLI::Range(1u, 64u));
  verb->add_option("--limit", o->limit, "largest difference allowed, as a share of the value's largest magnitude (default 1e-4)");
  verb->add_flag("--json", o->json, "figures as one line of JSON");
  verb->footer("Without --input, seeded random numbers in -1..1.\nExamples:\n  net2c diff net.onnx\n  net2c diff net.onnx --engine plan --isa portable,avx2     same bits?\n  net2c diff net.onnx --engine plan,native --input x=photo.png");
  verb->callback([o] { diff(*o); });
}

}  // namespace net2c::cli
