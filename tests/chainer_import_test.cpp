// The readers of Chainer's graphs and of weights, where sanitizers see them; whether results are right is tested in tests/chainer.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/file.h"
#include "graph/npy.h"
#include "import/arrays/arrays.h"
#include "import/chainer/chainer.h"

using namespace net2c;

namespace {

std::string seed(const std::string &name) { return std::string(NET2C_SOURCE_DIR) + "/tests/seeds/" + name; }

template <class F>
std::string error_of(F &&f)
{
  try {
    f();
  } catch (const Error &error) {
    return error.what();
  }
  return "no error";
}

TEST(ChainerImport, ReadsEverySeed)
{
  ImportOptions options;
  options.without_weights = true;
  size_t files = 0;
  for (const auto &entry : std::filesystem::directory_iterator(seed("chainer"))) {
    const Bytes bytes = read_file(entry.path());
    ASSERT_TRUE(chainer::looks_like_graph(bytes)) << entry.path();
    const Graph g = chainer::import_chainer(entry.path(), bytes, nullptr, "", options);
    EXPECT_GT(g.outputs.size(), 0u) << entry.path();
    EXPECT_GT(g.nodes.size(), g.inputs.size()) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 10u);
}

TEST(ChainerImport, EveryTruncationIsAnError)
{
  ImportOptions options;
  options.without_weights = true;
  const Bytes whole = read_file(seed("chainer/max_pool.c2g"));
  for (size_t n = 0; n + 3 < whole.size(); n += 7) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(n));
    EXPECT_NE(error_of([&] { chainer::import_chainer("part.c2g", part, nullptr, "", options); }), "no error") << n;
  }
}

TEST(ChainerImport, DataOfTheWrongLength)
{
  const Bytes whole = read_file(seed("chainer/arithmetic.c2g"));
  const auto said = [&](const std::string &data) {
    auto json = nlohmann::json::parse(reinterpret_cast<const char *>(whole.data()), reinterpret_cast<const char *>(whole.data()) + whole.size());
    json["constants"].push_back({{"name", "k"}, {"type", "float32"}, {"shape", {2}}, {"data", data}});
    const std::string text = json.dump();
    ImportOptions options;
    options.without_weights = true;
    return error_of([&] { chainer::import_chainer("x.c2g", std::as_bytes(std::span(text)), nullptr, "", options); });
  };
  EXPECT_EQ(said("AACAPwAAAEA="), "no error");
  for (const char *data : {"", "AACAPwAA", "AACAPwAAAEAAAEBA", "AACAPwAAAE!=", "AACAPw==AEA="})
    EXPECT_NE(said(data).find("constant 'k' is damaged: it must be 8 bytes"), std::string::npos) << data << said(data);
}

TEST(ArrayFiles, NpzTypesAndOrders)
{
  const Bytes bytes = read_file(seed("npz/types.npz"));
  const auto file = open_npz("types.npz", bytes);
  EXPECT_EQ(file->names(), (std::vector<std::string>{"h", "d", "i", "b", "s"}));
  const Tensor d = *file->read("d", 48);   // in Fortran order
  EXPECT_EQ(d.type, Type::f64);
  EXPECT_EQ(d.shape, (Shape{2, 3}));
  EXPECT_EQ(d.numbers(), (std::vector<double>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(file->read("h", 100)->type, Type::f16);
  EXPECT_EQ(file->read("b", 100)->integers(), (std::vector<int64_t>{1, 1}));
  EXPECT_NE(error_of([&] { file->read("s", 100); }).find("array 's': has elements of type '<U1'"), std::string::npos);
  EXPECT_EQ(error_of([&] { file->read("x", 100); }), "types.npz: has no array 'x'");
}

TEST(ArrayFiles, NpzNoneAndCompression)
{
  for (const char *name : {"npz/stored.npz", "npz/compressed.npz"}) {
    const Bytes bytes = read_file(seed(name));
    const auto file = open_npz(name, bytes);
    EXPECT_FALSE(file->read("fc/W", 100)) << name;
    EXPECT_EQ(file->read("conv/W", 432)->shape, (Shape{4, 3, 3, 3})) << name;
    EXPECT_EQ(file->read("bn/N", 8)->integers(), Ints{5}) << name;
  }
}

TEST(ArrayFiles, Hdf5Types)
{
  const Bytes bytes = read_file(seed("hdf5/types.h5"));
  const auto file = open_hdf5("types.h5", bytes);
  std::vector<std::string> names = file->names();
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"big", "bn/N", "conv/W", "conv/b", "half", "none", "text"}));
  EXPECT_EQ(file->read("conv/W", 24)->numbers(), (std::vector<double>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(file->read("conv/b", 16)->numbers(), (std::vector<double>{1, 2}));
  EXPECT_EQ(file->read("half", 16)->numbers(), (std::vector<double>{0.5, -1.5}));
  EXPECT_EQ(file->read("big", 16)->numbers(), (std::vector<double>{3, 4}));
  EXPECT_EQ(file->read("bn/N", 8)->integers(), Ints{7});
  EXPECT_FALSE(file->read("none", 8));
  EXPECT_NE(error_of([&] { file->read("text", 100); }).find("neither floats nor integers"), std::string::npos);
  EXPECT_NE(error_of([&] { file->read("conv/W", 20); }).find("larger than the 20 bytes"), std::string::npos);
}

TEST(ArrayFiles, SeveralThreadsReadHdf5)
{
  const Bytes bytes = read_file(seed("hdf5/types.h5"));
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) right += open_hdf5("types.h5", bytes)->read("conv/W", 24)->numbers() == std::vector<double>{0, 1, 2, 3, 4, 5};
    });
  for (std::thread &t : threads) t.join();
  EXPECT_EQ(right, 400);
}

TEST(ArrayFiles, EveryTruncationIsAnError)
{
  const Bytes zip = read_file(seed("npz/stored.npz")), hdf5 = read_file(seed("hdf5/types.h5"));
  for (size_t n = 8; n < zip.size(); n += 13)
    EXPECT_NE(error_of([&] { open_npz("part.npz", std::span(zip).first(n)); }), "no error") << n;
  for (size_t n = 8; n < hdf5.size(); n += 97)
    EXPECT_NE(error_of([&] { open_hdf5("part.h5", std::span(hdf5).first(n)); }), "no error") << n;
}

TEST(ArrayFiles, NpzOfAnotherChecksum)
{
  Bytes bytes = read_file(seed("npz/stored.npz"));
  bytes[300] ^= std::byte{1};   // in the data of conv/W, which begins the file
  const auto file = open_npz("bad.npz", bytes);
  EXPECT_EQ(error_of([&] { file->read("conv/W", 432); }), "bad.npz: array 'conv/W': is damaged: its checksum is another");
  EXPECT_EQ(file->read("bn/N", 8)->integers(), Ints{5});
}

TEST(Npy, FortranOrderOfThreeDimensions)
{
  // numpy.save of numpy.asfortranarray(numpy.arange(24, dtype="u1").reshape(2, 3, 4))
  std::string header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }";
  header.resize(118 - 1, ' ');
  header += '\n';
  std::string text = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header;
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) text += static_cast<char>(i * 12 + j * 4 + k);
  const Tensor t = read_npy("x.npy", std::as_bytes(std::span(text)));
  for (int64_t i = 0; i < 24; ++i) EXPECT_EQ(t.integers()[static_cast<size_t>(i)], i);
  const auto said = [](const std::string &bytes) { return error_of([&] { read_npy("x.npy", std::as_bytes(std::span(bytes))); }); };
  EXPECT_EQ(said(text + '\0'), "x.npy: holds 25 bytes of data, its shape 2x3x4 wants 24");
  EXPECT_EQ(said(text.substr(0, text.size() - 1)), "x.npy: holds 23 bytes of data, its shape 2x3x4 wants 24");
}

}  // namespace
