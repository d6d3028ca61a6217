// Fields by number: onnx.proto of the ONNX project. A field that has another wire type than it should have is skipped, as
// every protobuf reader does.
#include "import/onnx/read.h"

#include <protozero/pbf_reader.hpp>

#include "import/protobuf.h"

namespace net2c::onnx {

namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr uint32_t varint(uint32_t field) { return protozero::tag_and_type(field, pbf_wire_type::varint); }
constexpr uint32_t bytes(uint32_t field) { return protozero::tag_and_type(field, pbf_wire_type::length_delimited); }
constexpr uint32_t fixed32(uint32_t field) { return protozero::tag_and_type(field, pbf_wire_type::fixed32); }
constexpr uint32_t fixed64(uint32_t field) { return protozero::tag_and_type(field, pbf_wire_type::fixed64); }

std::string_view view(pbf_reader &in)
{
  const auto v = in.get_view();
  return {v.data(), v.size()};
}

template <class T, class Range>
void append(std::vector<T> &list, const Range &range)
{
  for (auto x : range) list.push_back(static_cast<T>(x));
}

std::pair<std::string_view, std::string_view> entry(pbf_reader in)
{
  std::pair<std::string_view, std::string_view> e;
  while (in.next()) switch (in.tag_and_type()) {
      case bytes(1): e.first = view(in); break;
      case bytes(2): e.second = view(in); break;
      default: in.skip();
    }
  return e;
}

TensorRecord tensor(pbf_reader in)
{
  TensorRecord t;
  while (in.next()) switch (in.tag_and_type()) {
      case varint(1): t.dims.push_back(in.get_int64()); break;
      case bytes(1): append(t.dims, in.get_packed_int64()); break;
      case varint(2): t.data_type = in.get_int32(); break;
      case bytes(3): t.segmented = true; in.skip(); break;
      case fixed32(4): t.floats.push_back(in.get_float()); break;
      case bytes(4): append(t.floats, in.get_packed_float()); break;
      case varint(5): t.int32s.push_back(in.get_int32()); break;
      case bytes(5): append(t.int32s, in.get_packed_int32()); break;
      case varint(7): t.int64s.push_back(in.get_int64()); break;
      case bytes(7): append(t.int64s, in.get_packed_int64()); break;
      case bytes(8): t.name = view(in); break;
      case bytes(9): t.raw = view(in); break;
      case fixed64(10): t.doubles.push_back(in.get_double()); break;
      case bytes(10): append(t.doubles, in.get_packed_double()); break;
      case varint(11): t.uint64s.push_back(in.get_uint64()); break;
      case bytes(11): append(t.uint64s, in.get_packed_uint64()); break;
      case bytes(13): t.external = true; t.external_data.push_back(entry(in.get_message())); break;
      case varint(14): t.external |= in.get_int32() == 1; break;
      default: in.skip();
    }
  return t;
}

Attribute attribute(pbf_reader in)
{
  using Kind = Attribute::Kind;
  Attribute a;
  Kind seen = Kind::undefined;   // files of the first versions do not say the kind
  const auto is = [&](Kind kind) { seen = kind; };
  int32_t declared = 0;
  while (in.next()) switch (in.tag_and_type()) {
      case bytes(1): a.name = view(in); break;
      case fixed32(2): a.real = in.get_float(); is(Kind::real); break;
      case varint(3): a.integer = in.get_int64(); is(Kind::integer); break;
      case bytes(4): a.text = view(in); is(Kind::text); break;
      case bytes(5): a.tensor = tensor(in.get_message()); is(Kind::tensor); break;
      case bytes(6): in.skip(); is(Kind::graph); break;
      case fixed32(7): a.reals.push_back(in.get_float()); is(Kind::reals); break;
      case bytes(7): append(a.reals, in.get_packed_float()); is(Kind::reals); break;
      case varint(8): a.integers.push_back(in.get_int64()); is(Kind::integers); break;
      case bytes(8): append(a.integers, in.get_packed_int64()); is(Kind::integers); break;
      case bytes(9): a.texts.push_back(view(in)); is(Kind::texts); break;
      case bytes(10): in.skip(); is(Kind::tensors); break;
      case bytes(11): in.skip(); is(Kind::graphs); break;
      case varint(20): declared = in.get_int32(); break;
      case bytes(21): a.reference = view(in); break;
      default: in.skip();
    }
  if (declared == 0) a.kind = seen;
  else a.kind = declared > 0 && declared <= static_cast<int32_t>(Kind::graphs) ? static_cast<Kind>(declared) : Kind::other;
  return a;
}

NodeRecord node(pbf_reader in)
{
  NodeRecord n;
  while (in.next()) switch (in.tag_and_type()) {
      case bytes(1): n.inputs.push_back(view(in)); break;
      case bytes(2): n.outputs.push_back(view(in)); break;
      case bytes(3): n.name = view(in); break;
      case bytes(4): n.op_type = view(in); break;
      case bytes(5): n.attributes.push_back(attribute(in.get_message())); break;
      case bytes(7): n.domain = view(in); break;
      case bytes(8): n.overload = view(in); break;
      default: in.skip();
    }
  return n;
}

std::vector<Dimension> shape(pbf_reader in)
{
  std::vector<Dimension> dims;
  while (in.next()) {
    if (in.tag_and_type() != bytes(1)) {
      in.skip();
      continue;
    }
    Dimension d;
    pbf_reader dim = in.get_message();
    while (dim.next()) switch (dim.tag_and_type()) {
        case varint(1): d.size = dim.get_int64(); break;
        case bytes(2): d.symbol = view(dim); break;
        default: dim.skip();
      }
    if (d.size == -1) d.size.reset();   // not in the standard, but what some exporters write for "dynamic"
    dims.push_back(d);
  }
  return dims;
}

ValueRecord value(pbf_reader in)
{
  ValueRecord v;
  const auto tensor_type = [&](pbf_reader type) {
    v.tensor = true;
    while (type.next()) switch (type.tag_and_type()) {
        case varint(1): v.data_type = type.get_int32(); break;
        case bytes(2): v.shape = shape(type.get_message()); break;
        default: type.skip();
      }
  };
  while (in.next()) switch (in.tag_and_type()) {
      case bytes(1): v.name = view(in); break;
      case bytes(2): {
        pbf_reader type = in.get_message();
        while (type.next()) {
          if (type.tag_and_type() == bytes(1)) tensor_type(type.get_message());
          else type.skip();
        }
        break;
      }
      default: in.skip();
    }
  return v;
}

void graph(pbf_reader in, GraphRecord &g)
{
  while (in.next()) switch (in.tag_and_type()) {
      case bytes(1): g.nodes.push_back(node(in.get_message())); break;
      case bytes(2): g.name = view(in); break;
      case bytes(5): g.initialisers.push_back(tensor(in.get_message())); break;
      case bytes(11): g.inputs.push_back(value(in.get_message())); break;
      case bytes(12): g.outputs.push_back(value(in.get_message())); break;
      case bytes(15): g.sparse_initialisers = true; in.skip(); break;
      default: in.skip();
    }
}

OpsetRecord opset(pbf_reader in)
{
  OpsetRecord o;
  while (in.next()) switch (in.tag_and_type()) {
      case bytes(1): o.domain = view(in); break;
      case varint(2): o.version = in.get_int64(); break;
      default: in.skip();
    }
  return o;
}

FunctionRecord function(pbf_reader in)
{
  FunctionRecord f;
  while (in.next()) switch (in.tag_and_type()) {
      case bytes(1): f.name = view(in); break;
      case bytes(4): f.inputs.push_back(view(in)); break;
      case bytes(5): f.outputs.push_back(view(in)); break;
      case bytes(6): f.attributes.push_back(view(in)); break;
      case bytes(7): f.nodes.push_back(node(in.get_message())); break;
      case bytes(9): f.opsets.push_back(opset(in.get_message())); break;
      case bytes(10): f.domain = view(in); break;
      case bytes(11): f.defaults.push_back(attribute(in.get_message())); break;
      case bytes(13): f.overload = view(in); break;
      default: in.skip();
    }
  return f;
}

ModelRecord model(pbf_reader in)
{
  ModelRecord m;
  while (in.next()) switch (in.tag_and_type()) {
      case varint(1): m.ir_version = in.get_int64(); break;
      case bytes(2): m.producer = view(in); break;
      case bytes(7):
        if (!m.graph) m.graph.emplace();
        graph(in.get_message(), *m.graph);
        break;
      case bytes(8): m.opsets.push_back(opset(in.get_message())); break;
      case bytes(25): m.functions.push_back(function(in.get_message())); break;
      default: in.skip();
    }
  return m;
}

}  // namespace

ModelRecord read_model(const std::string &file, std::span<const std::byte> data) { return read_protobuf(file, data, model); }
TensorRecord read_tensor(const std::string &file, std::span<const std::byte> data) { return read_protobuf(file, data, tensor); }

}  // namespace net2c::onnx
