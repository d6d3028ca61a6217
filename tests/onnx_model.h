// Writes small ONNX models for tests, field by field.
#pragma once

#include <protozero/pbf_writer.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace net2c {

using Dims = std::vector<int64_t>;
using Names = std::vector<std::string>;

inline std::string raw(const std::vector<float> &data) { return {reinterpret_cast<const char *>(data.data()), data.size() * 4}; }
inline std::string raw(const std::vector<int64_t> &data) { return {reinterpret_cast<const char *>(data.data()), data.size() * 8}; }

// data_type: 1 float, 7 int64, ... (TensorProto.DataType)
inline std::string tensor_proto(const std::string &name, const Dims &dims, int data_type, const std::string &raw_data)
{
  std::string out;
  protozero::pbf_writer w(out);
  w.add_packed_int64(1, dims.begin(), dims.end());
  w.add_int32(2, data_type);
  w.add_string(8, name);
  w.add_bytes(9, raw_data);
  return out;
}

inline std::string attribute(const std::string &name, int kind, void (*fill)(protozero::pbf_writer &, const void *), const void *value)
{
  std::string out;
  protozero::pbf_writer w(out);
  w.add_string(1, name);
  fill(w, value);
  w.add_int32(20, kind);
  return out;
}
inline std::string attribute(const std::string &name, float x)
{
  return attribute(name, 1, [](protozero::pbf_writer &w, const void *v) { w.add_float(2, *static_cast<const float *>(v)); }, &x);
}
inline std::string attribute(const std::string &name, int64_t x)
{
  return attribute(name, 2, [](protozero::pbf_writer &w, const void *v) { w.add_int64(3, *static_cast<const int64_t *>(v)); }, &x);
}
inline std::string attribute(const std::string &name, const std::string &x)
{
  return attribute(name, 3, [](protozero::pbf_writer &w, const void *v) { w.add_string(4, *static_cast<const std::string *>(v)); }, &x);
}
inline std::string attribute(const std::string &name, const Dims &x)
{
  return attribute(name, 7, [](protozero::pbf_writer &w, const void *v) {
    for (int64_t i : *static_cast<const Dims *>(v)) w.add_int64(8, i);
  }, &x);
}
inline std::string tensor_attribute(const std::string &name, const std::string &tensor)
{
  return attribute(name, 4, [](protozero::pbf_writer &w, const void *v) { w.add_message(5, *static_cast<const std::string *>(v)); }, &tensor);
}

class OnnxModel {
 public:
  explicit OnnxModel(int64_t opset = 13) : opset_(opset) {}

  // A dimension of -1 is written as the symbol "d<index>".
  OnnxModel &input(const std::string &name, const Dims &dims, int data_type = 1) { return value(11, name, dims, data_type); }
  OnnxModel &output(const std::string &name) { return value(12, name, {}, 1); }
  OnnxModel &initialiser(const std::string &name, const Dims &dims, const std::vector<float> &data)
  {
    return initialiser(tensor_proto(name, dims, 1, raw(data)));
  }
  OnnxModel &initialiser(const std::string &name, const std::vector<int64_t> &data)
  {
    return initialiser(tensor_proto(name, {static_cast<int64_t>(data.size())}, 7, raw(data)));
  }
  OnnxModel &initialiser(const std::string &tensor)
  {
    protozero::pbf_writer(graph_).add_message(5, tensor);
    return *this;
  }
  OnnxModel &node(const std::string &op, const Names &inputs, const Names &outputs, const Names &attributes = {}, const std::string &name = {},
                  const std::string &domain = {})
  {
    std::string out;
    protozero::pbf_writer w(out);
    for (const auto &i : inputs) w.add_string(1, i);
    for (const auto &o : outputs) w.add_string(2, o);
    if (!name.empty()) w.add_string(3, name);
    w.add_string(4, op);
    for (const auto &a : attributes) w.add_message(5, a);
    if (!domain.empty()) w.add_string(7, domain);
    protozero::pbf_writer(graph_).add_message(1, out);
    return *this;
  }

  std::string bytes() const
  {
    std::string out, opset;
    protozero::pbf_writer w(out), o(opset);
    w.add_int64(1, 8);
    w.add_message(7, graph_);
    o.add_int64(2, opset_);
    w.add_message(8, opset);
    return out;
  }

 private:
  OnnxModel &value(uint32_t field, const std::string &name, const Dims &dims, int data_type)
  {
    std::string shape, tensor, type, out;
    for (size_t d = 0; d < dims.size(); ++d) {
      std::string dim;
      protozero::pbf_writer w(dim);
      if (dims[d] == -1) w.add_string(2, "d" + std::to_string(d));
      else if (dims[d] == -2) w.add_string(2, "?");
      else w.add_int64(1, dims[d]);
      protozero::pbf_writer(shape).add_message(1, dim);
    }
    protozero::pbf_writer t(tensor);
    t.add_int32(1, data_type);
    if (field == 11) t.add_message(2, shape);
    protozero::pbf_writer(type).add_message(1, tensor);
    protozero::pbf_writer w(out);
    w.add_string(1, name);
    w.add_message(2, type);
    protozero::pbf_writer(graph_).add_message(field, out);
    return *this;
  }

  int64_t opset_;
  std::string graph_;
};

}  // namespace net2c
