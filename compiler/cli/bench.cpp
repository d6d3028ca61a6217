#include <unistd.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/build.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "driver/bound.h"
#include "driver/figures.h"
#include "execute/peak.h"

namespace net2c::cli {

namespace {

struct Options {
  ModelOptions model;
  uint32_t threads = 1;
  std::string isa;
  double seconds = 1.5, paced = 0, sustained = 0;
  bool json = false;
};

struct Removed {   // a file that goes with this
  std::string path;
  ~Removed() { unlink(path.c_str()); }
};

// Layers by the kernel that does their work, the longest first; what a layer's other kernels take counts there.
nlohmann::ordered_json kinds_of(const nlohmann::ordered_json &layers, const std::vector<LayerWork> &work)
{
  struct Kind { size_t layers = 0; double ms = 0, bound_ms = 0; };
  std::map<std::string, Kind> kinds;
  for (size_t i = 0; i < layers.size(); ++i) {
    Kind &k = kinds[layers[work[i].row]["kernel"]];
    k.layers += work[i].row == i, k.ms += layers[i]["ms"].get<double>(), k.bound_ms += layers[i]["bound_ms"].get<double>();
  }
  std::vector<std::pair<std::string, Kind>> sorted(kinds.begin(), kinds.end());
  std::ranges::sort(sorted, [](const auto &a, const auto &b) { return a.second.ms > b.second.ms; });
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const auto &[kernel, k] : sorted) json.push_back({{"kernel", kernel}, {"layers", k.layers}, {"ms", k.ms}, {"bound_ms", k.bound_ms}});
  return json;
}

void bench(const Options &o)
{
  SpokenProgress progress;
  const Isa isa = o.isa.empty() ? best_isa() : isa_named(o.isa);
  check_runs_here(isa);
  ModelOptions model_options = o.model;
  model_options.isas = {isa};
  const Model model = load(model_options, progress);
  const Recipe recipe = recipe_of(model, progress);
  EmitOptions options;
  options.name = "net";
  options.isas = {isa};
  const Bundle bundle = emit(recipe, options);
  const std::string program = build(bundle, "bench.c", {}, progress);
  const Removed weights{fmt::format("{}.weights{}", program, getpid())};
  write_file(weights.path, weights_file(recipe));
  progress.stage("measuring");
  const double peak = measured_peak(o.threads);
  const uint64_t arena = arena_bytes(recipe, o.threads);
  const std::vector<LayerWork> work = work_of(recipe);
  MachineRates rates{peak, measured_bandwidth(recipe.weights.size() + arena, o.threads), measured_bandwidth(arena, o.threads)};
  for (const LayerWork &w : work)
    for (const auto &[size, bytes] : w.strips_bytes)
      if (!rates.strips_gbs.contains(size)) rates.strips_gbs[size] = measured_bandwidth(size, o.threads);
  std::vector<std::string> command{program, weights.path, std::to_string(o.threads), std::to_string(static_cast<int>(isa) + 1)};
  for (double seconds : {o.seconds, o.paced, o.sustained}) command.push_back(fmt::format("{}", seconds));
  const std::string text = run_program(command, "the compiled network");
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(text);
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  const std::vector<size_t> row_of = rows_of(recipe);
  for (size_t i = 0; i < recipe.steps.size(); ++i) {
    const Step &step = recipe.steps[i];
    if (row_of[i] == layers.size()) layers.push_back({{"layer", step.layer}, {"kernel", catalogue()[step.kernel].name}, {"ms", 0.0}, {"macs", uint64_t{0}}});
    auto &row = layers[row_of[i]];
    row["ms"] = row["ms"].get<double>() + json["layers"][i].get<double>(), row["macs"] = row["macs"].get<uint64_t>() + step.macs;
  }
  double bound = 0;
  for (size_t i = 0; i < layers.size(); ++i) {
    layers[i]["bound_ms"] = bound_ms(work[i], rates);
    bound += bound_ms(work[i], rates);
  }
  json["layers"] = layers;
  json["name"] = recipe.name;
  const double median = json["median_ms"];
  uint64_t macs = 0;
  for (const Step &s : recipe.steps) macs += s.macs;
  const double gflops = static_cast<double>(macs) * 2e-6 / median;
  json["gflops"] = gflops;
  json["peak_gflops"] = peak;
  json["percent_of_peak"] = 100 * gflops / peak;
  json["weights_gbs"] = rates.weights_gbs, json["maps_gbs"] = rates.maps_gbs;
  json["strips_gbs"] = nlohmann::ordered_json::object();   // by the size of their buffers
  for (const auto &[size, gbs] : rates.strips_gbs) json["strips_gbs"][std::to_string(size)] = gbs;
  json["bound_ms"] = bound, json["percent_of_bound"] = 100 * bound / median;
  json["kinds"] = kinds_of(layers, work);
  if (o.json) return fmt::print("{}\n", json.dump());

  fmt::print("{:>4}  {:<40}  {:<22}  {:>9}  {:>6}  {:>8}  {:>9}\n", "", "layer", "kernel", "ms", "%", "GFLOP/s", "bound ms");
  for (size_t i = 0; i < layers.size(); ++i) {
    const double ms = layers[i]["ms"];
    std::string name = layers[i]["layer"];
    if (name.size() > 40) name = "..." + name.substr(name.size() - 37);
    const uint64_t done = layers[i]["macs"];
    fmt::print("{:>4}  {:<40}  {:<22}  {:>9.4f}  {:>6.1f}  {:>8}  {:>9}\n", i, name, layers[i]["kernel"].get<std::string>(), ms, 100 * ms / median,
               done ? fmt::format("{:.1f}", static_cast<double>(done) * 2e-6 / ms) : "", work[i].row == i ? fmt::format("{:.4f}", bound_ms(work[i], rates)) : "");
  }
  fmt::print("\n{:<22}  {:>6}  {:>9}  {:>9}  {:>8}\n", "layers by kernel", "layers", "ms", "bound ms", "of bound");
  for (const auto &k : json["kinds"]) {
    const double ms = k["ms"], least = k["bound_ms"];
    fmt::print("{:<22}  {:>6}  {:>9.4f}  {:>9.4f}  {:>7.0f}%\n", k["kernel"].get<std::string>(), k["layers"].get<size_t>(), ms, least, 100 * least / ms);
  }
  const auto figure = [&](const char *key) { return json[key].get<double>(); };
  fmt::print("\n{} on {} thread{}: min {:.3f} ms, median {:.3f} ms, 90 % of {} runs within {:.3f} ms, cold caches {:.3f} ms\n", name_of(isa), o.threads,
             o.threads == 1 ? "" : "s", figure("min_ms"), median, json["runs"].get<int>(), figure("p90_ms"), figure("cold_ms"));
  fmt::print("{:.1f} GFLOP/s, {:.0f} % of the {:.1f} that {} thread{} of this machine reach{} in registers\n", gflops, 100 * gflops / peak, peak, o.threads,
             o.threads == 1 ? "" : "s", o.threads == 1 ? "es" : "");
  fmt::print("bound {:.3f} ms, {:.0f} % of it reached: of each layer the arithmetic of its algorithm at that rate, or weights at {:.1f} GB/s and maps at {:.1f} GB/s", bound,
             100 * bound / median, rates.weights_gbs, rates.maps_gbs);
  for (const auto &[size, gbs] : rates.strips_gbs) fmt::print(", strips of {} KB at {:.1f}", size >> 10, gbs);
  fmt::print("\n");
  if (o.paced > 0)
    fmt::print("30 times a second, asleep in between: median {:.3f} ms, 90 % within {:.3f} ms\n", figure("paced_ms"), figure("paced_p90_ms"));
  if (o.sustained > 0)
    fmt::print("without a pause for {} s: median {:.3f} ms in the first second, {:.3f} ms in the last\n", o.sustained, figure("sustained_first_ms"),
               figure("sustained_last_ms"));
  fmt::print("load {:.3f} ms, first run {:.3f} ms, peak {:.1f} MB of memory; weights {} bytes, arena {} bytes\n", figure("load_ms"), figure("first_ms"),
             figure("peak_rss_mb"), thousands(json["weights_bytes"]), thousands(json["arena_bytes"]));
}

}  // namespace

void add_bench(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  CLI::App *verb = app.add_subcommand("bench", "time the compiled network in a process of its own, layer by layer");
  add_model_options(*verb, o->model, false);
  add_size_options(*verb, o->model);
  add_plan_options(*verb, o->model);
  verb->add_option("--threads", o->threads, "workers")->check(CLI::Range(1u, 64u));
  verb->add_option("--isa", o->isa, "portable, avx2, avx512 or neon; the best of this machine by default");
  verb->add_option("--seconds", o->seconds, "how long to run (default 1.5; at least 10 runs)")->check(CLI::Range(0.0, 600.0));
  verb->add_option("--paced", o->paced, "then so many seconds at 30 runs a second, asleep in between")->check(CLI::Range(0.0, 600.0));
  verb->add_option("--sustained", o->sustained, "then so many seconds without a pause: the first second against the last")->check(CLI::Range(0.0, 600.0));
  verb->add_flag("--json", o->json, "one line: threads, min_ms, median_ms, p90_ms, cold_ms, gflops, peak_gflops, percent_of_peak, bound_ms, percent_of_bound, load_ms, first_ms, peak_rss_mb, weights_bytes, arena_bytes, kinds, layers, ... (and paced_ms, paced_p90_ms, sustained_first_ms, sustained_last_ms)");
  verb->footer("Compiled as by compile --isa with this one ISA; compile time is not counted. Inputs are seeded random numbers. Cold: other memory was written over the caches before each run;\nlayers and the other times are warm. Peak: fp32 multiply-adds in registers, measured before.\nBound: of each layer what takes longer, the arithmetic of its algorithm at that peak, or its weights and maps read and written\nat the measured rates of buffers as large as weights and arena (weights), as the arena (maps) and as theirs (strips of maps that are never whole).\nExample:\n  net2c bench mobilenet.onnx --threads 2 --json");
  verb->callback([o] { bench(*o); });
}

}  // namespace net2c::cli
