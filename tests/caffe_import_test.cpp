#include <gtest/gtest.h>

#include <algorithm>
#include <protozero/pbf_writer.hpp>

#include "import/caffe/caffe.h"
#include "import/caffe/records.h"
#include "ops/ops.h"

using namespace net2c;

namespace {

std::span<const std::byte> span(const std::string &text) { return std::as_bytes(std::span(text.data(), text.size())); }

const std::string text = R"(name: "net"  # a comment
input: "data" input_shape { dim: 1 dim: 2 dim: 4 dim: 4 }
layer { name: "conv" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 3 kernel_size: 2 } }
layer { name: "relu" type: "ReLU" bottom: "c" top: "c" }
layer { name: "fc" type: "InnerProduct" bottom: "c" top: "f" inner_product_param { num_output: 2 bias_term: false } }
layer { name: "prob" type: "Softmax" bottom: "f" top: "prob" }
)";

std::string blob(const std::vector<int64_t> &dims, float value)
{
  std::string shape, out;
  protozero::pbf_writer(shape).add_packed_int64(1, dims.begin(), dims.end());
  int64_t n = 1;
  for (int64_t d : dims) n *= d;
  const std::vector<float> data(static_cast<size_t>(n), value);
  protozero::pbf_writer w(out);
  w.add_message(7, shape);
  w.add_packed_float(5, data.begin(), data.end());
  return out;
}

std::string weights()
{
  std::string out;
  protozero::pbf_writer net(out);
  net.add_string(1, "net");
  const auto layer = [&](const char *name, const std::vector<std::string> &blobs) {
    std::string bytes;
    protozero::pbf_writer w(bytes);
    w.add_string(1, name);
    for (const std::string &b : blobs) w.add_message(7, b);
    net.add_message(100, bytes);
  };
  layer("conv", {blob({3, 2, 2, 2}, 0.5f), blob({3}, 1)});
  layer("fc", {blob({2, 27}, 0.25f)});
  return out;
}

Imported import(const std::string &prototxt, const std::string &model, const ImportOptions &options = {})
{
  return caffe::import_caffe(caffe::File{"net.prototxt", span(prototxt)}, caffe::File{"net.caffemodel", span(model)}, {}, options);
}

std::string error_of(const std::string &prototxt, const std::string &model)
{
  try {
    import(prototxt, model);
  } catch (const Error &e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST(CaffeImport, InPlaceLayersKeepTheNameOfTheirBlob)
{
  const Graph g = import(text, weights()).graph;
  ASSERT_EQ(g.outputs.size(), 1u);
  EXPECT_EQ(g.values[g.outputs[0]].name, "prob");
  const auto relu = std::find_if(g.nodes.begin(), g.nodes.end(), [](const Node &n) { return n.name == "relu"; });
  ASSERT_NE(relu, g.nodes.end());
  EXPECT_EQ(g.values[relu->outputs[0]].name, "c");
}

TEST(CaffeImport, ABatchIsTheUsersToChoose)
{
  ImportOptions options;
  options.batch = 3;
  Graph g = import(text, weights(), options).graph;
  EXPECT_EQ(g.values[g.outputs[0]].shape, (Shape{3, 2}));
  options.shapes["data"] = {5, 2, 4, 4};
  g = import(text, weights(), options).graph;
  EXPECT_EQ(g.values[g.outputs[0]].shape, (Shape{5, 2}));
}

// The readers look at nothing beyond the bytes that are there (AddressSanitizer), and say what is wrong.
TEST(CaffeImport, EveryCutOfAPrototxtIsAnError)
{
  for (size_t n = 0; n + 2 < text.size(); ++n) {
    const std::string cut(text.data(), n);
    const std::string said = error_of(cut, weights());
    // Cut between two layers it is a network, if a shorter one.
    if (said == "no error") {
      EXPECT_TRUE(n > 190 && (text[n - 1] == '}' || text[n - 1] == '\n')) << n;
    } else {
      EXPECT_NE(said.find("net.prototxt"), std::string::npos) << n << said;
    }
  }
}

TEST(CaffeImport, EveryCutOfACaffemodelIsAnError)
{
  const std::string whole = weights();
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_NE(error_of(text, std::string(whole.data(), n)), "no error") << n;
}

TEST(CaffeImport, NumbersOfABlobInPieces)
{
  std::string bytes;
  protozero::pbf_writer w(bytes);
  const std::vector<float> floats{1, 2}, more{6};
  const std::vector<double> doubles{4, 5};
  w.add_packed_float(5, floats.begin(), floats.end());
  w.add_float(5, 3);
  w.add_packed_double(8, doubles.begin(), doubles.end());
  w.add_packed_float(5, more.begin(), more.end());
  w.add_double(8, 7);
  EXPECT_EQ(caffe::to_tensor(caffe::read_blob("b", span(bytes)), {7}).numbers(), (std::vector<double>{1, 2, 3, 4, 5, 6, 7}));
  bytes.pop_back();
  EXPECT_THROW(caffe::read_blob("b", span(bytes)), Error);
}

TEST(CaffeImport, TextOfProtobufInItsOddForms)
{
  const std::string odd =
      R"(a: "x" 'y' ; b { c: [1, -2, 0x10] } d < e: "\n\x41\101\"" > f: - 1.5e-3, g: 2.5f h [{ i: true }, { i: f }])";
  // A list of groups may do without a colon only in newer protobuf; here it must have one.
  EXPECT_THROW(caffe::read_prototxt("odd", span(odd)), Error);
  const std::string with_colon = odd.substr(0, odd.find(" h [")) + " h: [{ i: true }, { i: f }]";
  const caffe::Message m = caffe::read_prototxt("odd", span(with_colon));
  EXPECT_EQ(m.texts("a"), (std::vector<std::string>{"xy"}));
  std::vector<int64_t> c;
  for (const caffe::Field &f : m.message("b")->fields) c.push_back(caffe::integer_of(f));
  EXPECT_EQ(c, (std::vector<int64_t>{1, -2, 16}));
  EXPECT_EQ(m.message("d")->texts("e")[0], "\nAA\"");
  EXPECT_DOUBLE_EQ(caffe::real_of(*m.find("f")), -1.5e-3);
  EXPECT_DOUBLE_EQ(caffe::real_of(*m.find("g")), 2.5);
  ASSERT_EQ(m.messages("h").size(), 2u);
  EXPECT_TRUE(caffe::flag_of(*m.messages("h")[0]->find("i")));
  EXPECT_FALSE(caffe::flag_of(*m.messages("h")[1]->find("i")));
}

TEST(CaffeImport, FilesAreKnownByContent)
{
  using caffe::Kind;
  const auto kind = [](const std::string &s) { return caffe::kind_of(span(s)); };
  EXPECT_EQ(kind(text), Kind::prototxt);
  EXPECT_EQ(kind("# net: no\n\nlayers {\n"), Kind::prototxt);
  EXPECT_EQ(kind("net: \"a.prototxt\"\nbase_lr: 0.1\n"), Kind::solver);
  EXPECT_EQ(kind("n01440764 tench, Tinca tinca\nn01443537 goldfish\n"), Kind::other);
  EXPECT_EQ(kind("name of a fish\n"), Kind::other);
  EXPECT_EQ(kind(weights()), Kind::caffemodel);
  EXPECT_EQ(kind(weights().substr(0, 300)), Kind::caffemodel);
  EXPECT_EQ(kind(blob({1, 3, 2, 2}, 1)), Kind::mean);
  EXPECT_EQ(kind(""), Kind::other);
  EXPECT_EQ(kind(std::string(64, '\0')), Kind::other);
}
