// The reader of Darknet's files, where sanitizers see it; whether results are right is tested in tests/python/test_darknet.py.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string_view>

#include "base/file.h"
#include "import/darknet/darknet.h"

using namespace net2c;

namespace {

// The seeds of the fuzz target: a .cfg, then maybe a line of "%%" and the .weights.
struct Seed {
  Bytes whole;
  darknet::File cfg;
  std::optional<darknet::File> weights;

  explicit Seed(const std::string &path) : whole(read_file(path)), cfg{"net.cfg", whole}
  {
    const size_t end = std::string_view(reinterpret_cast<const char *>(whole.data()), whole.size()).find("\n%%\n");
    if (end == std::string_view::npos) return;
    cfg.bytes = cfg.bytes.first(end);
    weights = darknet::File{"net.weights", std::span<const std::byte>(whole).subspan(end + 4)};
  }
};

std::string seeds() { return NET2C_SOURCE_DIR "/tests/seeds/darknet"; }

std::string error_of(const darknet::File &cfg, const std::optional<darknet::File> &weights, bool without = false)
{
  ImportOptions options;
  options.without_weights = without;
  try {
    darknet::import_darknet(cfg, weights, options);
  } catch (const Error &error) {
    return error.what();
  }
  return "no error";
}

TEST(DarknetImport, ReadsEverySeed)
{
  size_t files = 0;
  for (const auto &entry : std::filesystem::directory_iterator(seeds())) {
    const Seed seed(entry.path());
    EXPECT_TRUE(darknet::looks_like_cfg(seed.cfg.bytes)) << entry.path();
    EXPECT_EQ(error_of(seed.cfg, seed.weights, true), "no error") << entry.path();
    EXPECT_TRUE(!seed.weights || darknet::looks_like_weights(seed.weights->bytes)) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 15u);
}

TEST(DarknetImport, EveryOtherLengthOfWeightsIsAnError)
{
  const Seed seed(seeds() + "/conv_bn");
  const auto whole = seed.weights->bytes;
  ASSERT_EQ(error_of(seed.cfg, seed.weights), "no error");
  for (size_t n = 0; n + 4 <= whole.size(); ++n)
    EXPECT_NE(error_of(seed.cfg, darknet::File{"part", whole.first(n)}), "no error") << n;
  Bytes longer(whole.begin(), whole.end());
  longer.resize(longer.size() + 4);
  EXPECT_NE(error_of(seed.cfg, darknet::File{"longer", longer}), "no error");
}

TEST(DarknetImport, EveryTruncationOfACfgIsReadOrAnError)
{
  const Seed seed(seeds() + "/yolo");
  for (size_t n = 0; n < seed.cfg.bytes.size(); ++n) {
    const std::string said = error_of({"part.cfg", seed.cfg.bytes.first(n)}, {}, true);
    EXPECT_TRUE(said == "no error" || said.starts_with("part.cfg: ")) << n << said;
  }
}

TEST(DarknetImport, OtherTextsAreNoCfg)
{
  for (const char *text : {"", "cat\ndog\n", "[section]\nkey=value\n", "name: \"net\"\n[net]\n", "width=3\n[net]\n", "# nothing\n"})
    EXPECT_FALSE(darknet::looks_like_cfg(std::as_bytes(std::span(text, std::strlen(text))))) << text;
}

}  // namespace
