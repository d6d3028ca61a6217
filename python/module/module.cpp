// net2c._net2c: what python/net2c is made of. Texts and arrays in, arrays and texts out; the rest is Python.
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <system_error>

#include "driver/bundle.h"
#include "driver/figures.h"
#include "driver/repack.h"
#include "module/arrays.h"
#include "module/net.h"

namespace nb = nanobind;

namespace net2c::python {

namespace {

using Strings = std::vector<std::string>;
using Arrays = std::map<std::string, Array>;
using Shapes = std::map<std::string, Shape>;

ModelOptions model_options(const Strings &files, const std::string &size, const std::string &batch, const Arrays &constants,
                           const Shapes &shapes, const std::string &max_memory = "", const std::string &weights = "",
                           const std::string &labels = "", const std::string &preprocess = "")
{
  ModelOptions o;
  o.files = files;
  o.size = size;
  o.batch = batch;
  o.max_memory = max_memory;
  o.weights = weights;
  o.labels = labels;
  o.preprocess = preprocess;
  for (const auto &[name, array] : constants) o.import.constants.emplace(name, tensor_of(array, "constant '" + name + "'"));
  o.import.shapes = shapes;
  return o;
}

Net *load_net(const Strings &files, const std::string &size, const std::string &batch, const Arrays &constants, const Shapes &shapes,
              const std::string &max_memory, const std::string &weights, const std::string &labels, const std::string &preprocess,
              const std::string &isa, uint32_t threads)
{
  const ModelOptions options = model_options(files, size, batch, constants, shapes, max_memory, weights, labels, preprocess);
  const nb::gil_scoped_release release;
  return new Net(options, isa.empty() ? std::nullopt : std::optional(isa_named(isa)), threads);
}

std::vector<nb::ndarray<nb::numpy>> run(Net &net, const std::vector<Array> &arrays)
{
  std::vector<Tensor> inputs, outputs;
  for (const Array &a : arrays) inputs.push_back(tensor_of(a, net.file()));
  {
    const nb::gil_scoped_release release;
    outputs = net.run(inputs);
  }
  std::vector<nb::ndarray<nb::numpy>> results;
  for (Tensor &t : outputs) results.push_back(array_of(std::move(t)));
  return results;
}

nb::ndarray<nb::numpy> picture(const Net &net, const std::string &path)
{
  Tensor t;
  {
    const nb::gil_scoped_release release;
    t = net.picture(path);
  }
  return array_of(std::move(t));
}

nb::list ports(const std::vector<Port> &all)
{
  nb::list list;
  for (const Port &p : all) list.append(nb::make_tuple(p.name, name_of(p.type), nb::tuple(nb::cast(p.shape))));
  return list;
}

std::string inspect(const Strings &files, const std::string &size, const std::string &batch, const Arrays &constants, const Shapes &shapes,
                    const std::string &max_memory, const std::string &weights)
{
  ModelOptions options = model_options(files, size, batch, constants, shapes, max_memory, weights);
  options.import.without_weights = true;
  const nb::gil_scoped_release release;
  Progress nobody;
  const Model model = load(options, nobody);
  return json_of(figures_of(model, recipe_of(model, nobody)));
}

template <class T>
void exception(nb::module_ &m, const char *name, const char *text)
{
  nb::exception<T> type(m, name);
  type.attr("__module__") = "net2c";
  type.attr("__doc__") = text;
}

// The bundle's name and those of its files.
std::pair<std::string, Strings> compile(const Strings &files, const std::string &folder, const std::string &size, const std::string &batch,
                                        const Arrays &constants, const Shapes &shapes, const std::string &max_memory,
                                        const std::string &weights, const std::string &labels, const std::string &preprocess, const std::string &name, const Strings &isas, bool single_file,
                                        bool self_test)
{
  const ModelOptions options = model_options(files, size, batch, constants, shapes, max_memory, weights, labels, preprocess);
  const nb::gil_scoped_release release;
  Progress nobody;
  const Bundle bundle = make_bundle(options, {name, isas, single_file, self_test}, nobody).bundle;
  write_bundle(bundle, folder);
  std::pair<std::string, Strings> result{bundle.name, {}};
  for (const BundleFile &f : bundle.files) result.second.push_back(f.name);
  return result;
}

// The path that was written.
std::string repack_bundle(const Strings &files, const std::string &folder, const Arrays &constants)
{
  const ModelOptions options = model_options(files, "", "", constants, {});
  const nb::gil_scoped_release release;
  Progress nobody;
  return repack(options, folder, nobody).path;
}

}  // namespace

}  // namespace net2c::python

NB_MODULE(_net2c, m)
{
  using namespace net2c::python;
  m.attr("version") = NET2C_VERSION;
  exception<net2c::Error>(m, "Error", "The model, an option or an input is wrong. The text says what is, and what to do: the same as the command's.");
  exception<net2c::Bug>(m, "Bug", "A fault in net2c itself: please report it.");
  // Files and pipes; the command reports these like Error.
  nb::register_exception_translator(
      [](const std::exception_ptr &thrown, void *error) {
        try {
          std::rethrow_exception(thrown);
        } catch (const std::system_error &e) {
          PyErr_SetString(static_cast<PyObject *>(error), e.what());
        }
      },
      m.attr("Error").ptr());
  nb::class_<Net>(m, "Net")
      .def("run", run)
      .def("picture", picture)
      .def_prop_ro("inputs", [](const Net &net) { return ports(net.recipe().inputs); })
      .def_prop_ro("outputs", [](const Net &net) { return ports(net.recipe().outputs); })
      .def_prop_ro("labels", &Net::labels)
      .def_prop_ro("file", &Net::file)
      .def_prop_ro("figures", &Net::figures)
      .def_prop_ro("isa", [](const Net &net) { return net2c::name_of(net.isa()); })
      .def_prop_ro("threads", &Net::threads);
  m.def("load", load_net);
  m.def("inspect", inspect);
  m.def("compile", compile);
  m.def("repack", repack_bundle);
}
