#include "driver/tune.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/progress.h"

namespace net2c::cli {

namespace {

struct Options {
  ModelOptions model;
  TuneOptions tune;
  std::vector<std::string> isas;
  std::string output;
  bool json = false;
};

const char *name_of(Method m) { return method_names[static_cast<int>(m)]; }

struct Row {
  const TunedLayer *layer;
  Isa isa;
  Times ms;
  Method taken;   // by the recipe for all the ISAs
  double gain() const { return ms.at(layer->usual) / ms.at(taken); }
};

// Milliseconds of all layers on an ISA, by the cost model and as they were measured.
std::pair<double, double> sums_of(const std::vector<Row> &rows, Isa isa)
{
  std::pair<double, double> sums;
  for (const Row &r : rows)
    if (r.isa == isa) sums.first += r.layer->count * r.ms.at(r.layer->usual), sums.second += r.layer->count * r.ms.at(r.taken);
  return sums;
}

void print_json(const Options &o, const std::vector<Row> &rows)
{
  nlohmann::ordered_json json{{"threads", o.tune.threads}, {"record", o.output}, {"layers", nlohmann::ordered_json::array()}, {"isas", nlohmann::ordered_json::array()}};
  for (const Row &r : rows) {
    nlohmann::ordered_json ms;
    for (const auto &[method, time] : r.ms) ms[name_of(method)] = time;
    json["layers"].push_back({{"layer", r.layer->name}, {"kind", text_of(r.layer->kind)}, {"count", r.layer->count}, {"isa", net2c::name_of(r.isa)}, {"ms", ms},
                              {"model", name_of(r.layer->usual)}, {"measured", name_of(r.taken)}});
  }
  for (Isa isa : o.tune.isas) {
    const auto [by_model, measured] = sums_of(rows, isa);
    json["isas"].push_back({{"isa", net2c::name_of(isa)}, {"model_ms", by_model}, {"measured_ms", measured}});
  }
  fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void print_table(const Options &o, const std::vector<Row> &rows)
{
  size_t width = 5, kind = 4;
  const auto label = [](const TunedLayer &l) {
    const std::string name = l.name.size() > 28 ? "..." + l.name.substr(l.name.size() - 25) : l.name;
    return l.count == 1 ? name : fmt::format("{} and {} more", name, l.count - 1);
  };
  for (const Row &r : rows) width = std::max(width, label(*r.layer).size()), kind = std::max(kind, text_of(r.layer->kind).size());
  fmt::print("{:{}}  {:{}}  {:8}  {:>10}  {:>10}  {:8}  {:8}  {:8}  {:>5}\n", "layer", width, "kind", kind, "ISA", "direct ms", "fast ms", "by", "model", "measured", "gain");
  for (const Row &r : rows) {
    const auto &[fast, ms] = *std::ranges::find_if(r.ms, [](const auto &time) { return time.first != Method::direct; });
    fmt::print("{:{}}  {:{}}  {:8}  {:>10.4f}  {:>10.4f}  {:8}  {:8}  {:8}  {:>5}\n", label(*r.layer), width, text_of(r.layer->kind), kind, net2c::name_of(r.isa),
               r.ms.at(Method::direct), ms, name_of(fast), name_of(r.layer->usual), name_of(r.taken), r.taken == r.layer->usual ? "" : fmt::format("{:.2f}", r.gain()));
  }
  fmt::print("\n");
  for (Isa isa : o.tune.isas) {
    const auto [by_model, measured] = sums_of(rows, isa);
    fmt::print("{}, {} thread{}: these layers take {:.3f} ms by the cost model, {:.3f} ms as measured ({:.1f} % less)\n", net2c::name_of(isa), o.tune.threads,
               o.tune.threads == 1 ? "" : "s", by_model, measured, 100 * (1 - measured / by_model));
  }
}

void tune_layers(Options o)
{
  SpokenProgress progress;
  for (const std::string &name : o.isas) o.tune.isas.push_back(isa_named(name));
  if (o.isas.empty()) o.tune.isas = {best_isa()};
  for (Isa isa : o.tune.isas) check_runs_here(isa);
  Tuning record;
  if (!o.output.empty() && std::filesystem::exists(o.output)) record = read_tuning(o.output);
  o.model.isas = o.tune.isas;
  const Model model = load(o.model, progress);
  const Tuned tuned = tune(model, o.tune, progress);
  for (const auto &[timed, times] : tuned.times) record.insert_or_assign(timed, times);

  const LayerTimes relative = relative_times(tuned.times, {});
  std::vector<Row> rows;
  for (const TunedLayer &layer : tuned.layers)
    for (Isa isa : o.tune.isas)
      rows.push_back({&layer, isa, tuned.times.at({isa, o.tune.threads, layer.kind}), fastest(relative.at(layer.kind), known_methods, layer.usual)});
  if (o.json) print_json(o, rows);
  else if (rows.empty()) fmt::print("No layer of {} could be computed in several ways.\n", model.optimised.name);
  else print_table(o, rows);
  if (o.output.empty()) return;
  write_file(o.output, print(record));
  if (!o.json) fmt::print("{0}: {1} times; use it with --tuned {0}\n", o.output, record.size());
}

}  // namespace

void add_tune(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  CLI::App *verb = app.add_subcommand("tune", "time the algorithms that each layer could take, on this machine, and keep the times for --tuned");
  add_model_options(*verb, o->model, false);
  add_size_options(*verb, o->model);
  verb->add_option("-o,--output", o->output, "the record: a text file; where it is there, layers are added to it, and timed anew those that it has");
  verb->add_option("--isa", o->isas, "a list of portable, avx2, avx512, neon that run here (default: the best of this machine)")->delimiter(',');
  verb->add_option("--threads", o->tune.threads, "workers; a record may hold times with several numbers of them")->check(CLI::Range(1u, 64u));
  verb->add_option("--seconds", o->tune.seconds, "for each layer on each ISA (default 0.3; at least 5 runs of each algorithm)")->check(CLI::Range(0.0, 60.0));
  verb->add_flag("--json", o->json, "times and choices as one line of JSON");
  verb->footer("Without a record a cost model chooses between the direct sum and Winograd's or Strassen's algorithm, for all machines alike (Strassen's only without AVX-512). A record serves every\n"
               "network that has layers like those in it. One recipe serves all ISAs of a bundle: it takes what is best over those that were timed,\n"
               "and what the model says where the difference is under 3 %. Time on a machine on which nothing else computes.\n"
               "Examples:\n  net2c tune net.onnx                               only the table\n  net2c tune net.onnx --isa avx2,avx512 -o times.txt\n"
               "  net2c compile net.onnx -o bundle --tuned times.txt");
  verb->callback([o] { tune_layers(*o); });
}

}  // namespace net2c::cli
