// Bundles as their users have them: emitted, compiled by the system's compilers, linked, run. The programs: tests/bundle/.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "emit/emit.h"
#include "emit/text.h"
#include "kernels/families_args.h"

using namespace net2c;
namespace fs = std::filesystem;

namespace {

const std::string flags = "-O2 -Wall -Wextra -Wpedantic -Werror ";
const std::string programs = std::string(NET2C_SOURCE_DIR) + "/tests/bundle/";

template <class Args>
Step step(const char *kernel, const Args &args, uint32_t chunks, const char *layer)
{
  Step s;
  s.kernel = kernel_named(kernel);
  s.args.resize(sizeof(Args) / 4);
  std::memcpy(s.args.data(), &args, sizeof args);
  s.chunks = chunks;
  s.layer = layer;
  return s;
}

// See tests/bundle/check.h: y = x < 0 ? slope x : x over [1][8][31][9] in C8 form, and w = the weights.
Recipe tiny(float slope)
{
  Recipe r;
  r.name = "tiny";
  const Shape shape{1, 8, 31, 9};
  const uint32_t floats = 8 * 31 * 9, bytes = floats * 4;
  auto map = [&](net2c_ref base) {
    net2c_map m{};
    m.base = base, m.n = 1, m.c = 8, m.h = 31, m.w = 9, m.lanes = 8, m.pitch = 9, m.plane = m.image = 31 * 9 + 1;
    return m;
  };
  r.inputs = {{"x", Type::f32, shape}};
  r.outputs = {{"y", Type::f32, shape}, {"w", Type::f32, {100}}};
  r.buffers = {{"x", 8960, 0, 0, 0}, {"y", 8960, 0, 0, 8960}};
  const net2c_ref x = NET2C_REF(NET2C_ARENA, 0), y = NET2C_REF(NET2C_ARENA, 140);
  r.steps.push_back(step("copy_plain", net2c_copy_plain_args{NET2C_REF(NET2C_INPUT, 0), x, bytes, 3}, 3, "in */ \"quoted\" ?\?/\n\\"));
  r.steps.push_back(step("act", net2c_act_args{map(x), map(y), NET2C_ACT_LEAKY_RELU, slope, 0, 7}, 7, "act"));
  r.steps.back().written.push_back({0, "y", Type::f32, shape, Layout::c8, map(y), NET2C_NONE});
  r.steps.back().scratch = 64;
  r.steps.push_back(step("copy_plain", net2c_copy_plain_args{y, NET2C_REF(NET2C_OUTPUT, 0), bytes, 1}, 1, "out"));
  r.steps.push_back(step("copy_plain", net2c_copy_plain_args{NET2C_REF(NET2C_WEIGHTS, 0), NET2C_REF(NET2C_OUTPUT, 1), 400, 5}, 5, "w"));
  r.weights.resize(448);
  for (int i = 0; i < 100; ++i) {
    const float v = static_cast<float>(i);
    std::memcpy(r.weights.data() + 4 * i, &v, 4);
  }
  plan_arena(r);
  r.structure = structure_hash(r);
  verify(r);
  return r;
}

Bundle bundle(const char *name, float slope)
{
  EmitOptions options;
  options.name = name;
  options.source = "tiny.onnx";
  options.labels = {"a \"b\" ?\?/ c", "\xc3\xa9t\xc3\xa9"};
  return emit(tiny(slope), options);
}

// A folder with bundles one (relu) and two (leaky); gone at the end.
class BundleTest : public ::testing::Test {
 protected:
  fs::path folder;

  void SetUp() override
  {
    std::string pattern = (fs::temp_directory_path() / "net2c_emit_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    write_bundle(bundle("one", 0.0f), (folder / "one").string());
    write_bundle(bundle("two", 0.25f), (folder / "two").string());
  }
  void TearDown() override { fs::remove_all(folder); }

  // The command's output; its status is asserted.
  std::string run(const std::string &command, int expected = 0)
  {
    std::string output;
    FILE *pipe = popen(("cd '" + folder.string() + "' && (" + command + ") 2>&1").c_str(), "r");
    char buffer[4096];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
    const int status = pclose(pipe);
    EXPECT_EQ(WEXITSTATUS(status), expected) << command << "\n" << output;
    EXPECT_TRUE(WIFEXITED(status)) << command << "\n" << output;
    return output;
  }

  // All sources of the named bundles but main.c.
  std::string sources(std::initializer_list<const char *> names)
  {
    std::vector<std::string> all;
    for (const char *name : names)
      for (const auto &entry : fs::directory_iterator(folder / name))
        if (entry.path().extension() == ".c" && entry.path().filename() != "main.c") all.push_back(entry.path().string());
    std::sort(all.begin(), all.end());
    return fmt::format("-I one -I two {} ", fmt::join(all, " "));
  }
  static std::vector<std::string> compilers()
  {
    std::vector<std::string> found;
    for (const char *cc : {"gcc", "clang-19", "clang"})
      if (std::system(fmt::format("command -v {} >/dev/null 2>&1", cc).c_str()) == 0) found.push_back(cc);
    return found;
  }
};

}  // namespace

TEST(Emit, SameBytesEveryTime)
{
  const Bundle a = bundle("one", 0.0f), b = bundle("one", 0.0f);
  ASSERT_EQ(a.files.size(), b.files.size());
  for (size_t i = 0; i < a.files.size(); ++i) {
    EXPECT_EQ(a.files[i].name, b.files[i].name);
    EXPECT_EQ(a.files[i].bytes, b.files[i].bytes) << a.files[i].name;
  }
}

TEST(Emit, NoTraceOfTheGenericPrefix)
{
  for (const BundleFile &f : bundle("one", 0.0f).files) {
    if (f.name.ends_with(".weights")) continue;
    const std::string text(reinterpret_cast<const char *>(f.bytes.data()), f.bytes.size());
    EXPECT_EQ(text.find("net2c_"), std::string::npos) << f.name;
    EXPECT_EQ(text.find("NET2C_"), std::string::npos) << f.name;
    EXPECT_EQ(text.find("\"kernels/"), std::string::npos) << f.name;
    EXPECT_EQ(text.find("\"runtime/"), std::string::npos) << f.name;
    const auto lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_TRUE(f.name != "one.h" || lines < 95) << lines;
  }
}

TEST(Emit, Names)
{
  EXPECT_EQ(c_identifier("mobilenet-v2.onnx"), "mobilenet_v2_onnx");
  EXPECT_EQ(c_identifier("2net"), "net_2net");
  EXPECT_EQ(c_identifier("int"), "net_int");
  EXPECT_EQ(c_identifier(""), "net");
  EXPECT_EQ(c_identifier("a__b___c"), "a_b_c");
  EXPECT_EQ(c_identifier("\xc3\xa9"), "net");
  EXPECT_EQ(c_comment("a */ b\n?\?/"), "a _/ b___/");
  EXPECT_EQ(c_string("a\"\\\n"), "\"a\\\"\\\\\\012\"");
}

TEST(Emit, FloatsReadBack)
{
  for (float x : {0.0f, -0.0f, 1.0f, -6.0f, 0.1f, 1e-38f, 1e-42f, 3.4e38f, 1e6f, 16777216.0f}) {
    const float y = std::strtof(c_float(x).c_str(), nullptr);
    EXPECT_EQ(std::memcmp(&x, &y, 4), 0) << c_float(x);
  }
}

// In one file the vocabularies of all ISAs stand side by side; nothing of the catalogue may clash there.
TEST_F(BundleTest, SingleFileOfAllKernels)
{
  Recipe all = tiny(0);
  for (KernelId k = 0; k < catalogue().size(); ++k) {
    Step s;
    s.kernel = k;
    size_t words = 0;
    for (const Field &f : catalogue()[k].family->fields) words += words_of[static_cast<int>(f.type)];
    s.args.resize(words);
    all.steps.push_back(std::move(s));
  }
  EmitOptions options;
  options.name = "all";
  options.single_file = true;
  write_bundle(emit(all, options), (folder / "all").string());
  for (const std::string &cc : compilers())
    run(cc + " -std=c11 " + flags + (cc == "gcc" ? "-O0 -DALL_UNOPTIMISED -c all/all.c -o all.o" : "-fsyntax-only all/all.c"));
}

TEST_F(BundleTest, NothingStaysWhenAFileCannotBeWritten)
{
  fs::create_directories(folder / "three" / "main.c");   // in the way
  EXPECT_THROW(write_bundle(bundle("three", 0), (folder / "three").string()), Error);
  EXPECT_FALSE(fs::exists(folder / "three" / "three.h"));
}

TEST_F(BundleTest, WarningFree)
{
  for (const std::string &cc : compilers()) {
    run(fmt::format("for f in one/*.c; do {} {} -std=c11 -Wshadow -Wmissing-prototypes -c $f -o /dev/null || exit 1; done", cc, flags));
    run(fmt::format("for f in one/one*.c; do {} {} -std=c11 -DONE_FREESTANDING -DONE_MEMORY_FUNCTIONS -ffreestanding -c $f -o /dev/null || exit 1; done",
                    cc, flags));
    run(fmt::format("{} {} -std=c11 -DONE_THREADS=0 -c one/one.c -o /dev/null", cc, flags));
    run(fmt::format("printf '#include \"one.h\"\\n#include \"two.h\"\\n' > h.cpp && {} {} -std=c++17 -x c++ -I one -I two -c h.cpp -o /dev/null", cc, flags));
  }
}

TEST_F(BundleTest, OnlyFreestandingHeadersInKernels)
{
  std::string rest = run("grep -h '^#include <' one/one_*.c | sort -u");
  for (const char *line : {"#include <immintrin.h>\n", "#include <arm_neon.h>\n", "#include <stddef.h>\n", "#include <stdint.h>\n"})
    if (const size_t at = rest.find(line); at != std::string::npos) rest.erase(at, std::strlen(line));
  EXPECT_EQ(rest, "");
}

TEST_F(BundleTest, AsksForOptimisation)
{
  EXPECT_NE(run("gcc -std=c11 -O0 -c one/one.c -o /dev/null").find("compile with -O2"), std::string::npos);
  EXPECT_EQ(run("gcc -std=c11 -O2 -c one/one.c -o /dev/null"), "");
}

TEST_F(BundleTest, EveryParallelForTwoBundlesSharedPool)
{
  for (const std::string &cc : compilers()) {
    run(fmt::format("{} -std=c11 {} {} {}parallel.c -I {} -o parallel -pthread", cc, flags, sources({"one", "two"}), programs, programs));
    run("timeout 60 ./parallel one/one.weights two/two.weights");
  }
}

TEST_F(BundleTest, ParallelForUnderThreadSanitizer)
{
  run(fmt::format("gcc -std=c11 {} -fsanitize=thread -g {} {}parallel.c -I {} -o parallel -pthread", flags, sources({"one", "two"}), programs, programs));
  run("timeout 120 ./parallel one/one.weights two/two.weights");
}

TEST_F(BundleTest, StandardThreadsInCpp)
{
  run(fmt::format("for f in one/one*.c; do gcc {} -std=c11 -c $f || exit 1; done && g++ {} -std=c++17 {}threads.cpp one*.o -I one -o threads -pthread",
                  flags, flags, programs));
  run("timeout 60 ./threads one/one.weights");
}

TEST_F(BundleTest, WeightsMappedGivenLinkedOrRefused)
{
  run(fmt::format("gcc -std=c11 {} {} {}weights.c -o weights -pthread", flags, sources({"one"}), programs));
  run("timeout 60 ./weights one/one.weights two/two.weights .");
  run(fmt::format("gcc -std=c11 {} -DLINKED -DONE_INCBIN='\"one/one.weights\"' -fsanitize=address,undefined -fno-sanitize-recover=all {} {}weights.c -o linked -pthread", flags,
                  sources({"one"}), programs));
  run("timeout 60 ./linked one/one.weights two/two.weights .");
}

TEST_F(BundleTest, RunTouchesOnlyItsArenaAndAllocatesNothing)
{
  run(fmt::format("gcc -std=c11 {} -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=posix_memalign {} {}guard.c -o guard -pthread", flags,
                  sources({"one"}), programs));
  run("timeout 60 ./guard one/one.weights");
}

TEST_F(BundleTest, SchedulerStress)
{
  const std::string files = fmt::format("-D_POSIX_C_SOURCE=200809L -I {0} {0}/runtime/run.c {0}/runtime/pool.c {0}/runtime/port_posix.c {1}stress.c -pthread",
                                        NET2C_SOURCE_DIR, programs);
  run(fmt::format("gcc -std=c11 {} {} -o stress && timeout 60 ./stress 2000", flags, files));
  run(fmt::format("gcc -std=c11 {} -fsanitize=thread -g {} -o stress && timeout 120 ./stress 100", flags, files));
  run(fmt::format("gcc -std=c11 {} -DNET2C_THREADS=0 {} -o stress && timeout 60 ./stress 200", flags, files));
}

#if defined(__linux__)
TEST_F(BundleTest, ThreadsKeepOffTheCallersCpu)
{
  run(fmt::format("gcc -std=c11 {0} -I {1} {1}/runtime/pool.c {1}/runtime/port_posix.c {2}make_way.c -o make_way -pthread && timeout 60 ./make_way", flags, NET2C_SOURCE_DIR, programs));
}
#endif

TEST_F(BundleTest, ExampleAndBuildFileAsAUserWould)
{
  run("cmake -S one -B b && cmake --build b");
  const std::string shown = run("cp one/one.weights . && b/one_example --verify --repeat 3 --threads 2 --trace --output .");
  for (const char *part : {"weights: whole", "3 runs: min", "y, the 5 largest of 2232", "act -> y"}) EXPECT_NE(shown.find(part), std::string::npos) << part << shown;
  EXPECT_TRUE(fs::exists(folder / "w.npy"));
  run("b/one_example y.npy --output . && cp y.npy y2.npy && b/one_example y.npy --output . && cmp y.npy y2.npy");   // relu twice
  EXPECT_NE(run("b/one_example w.npy", 1).find("w.npy: its shape is not the input's"), std::string::npos);
  EXPECT_NE(run("b/one_example nothing.npy", 1).find("cannot be read"), std::string::npos);
  EXPECT_NE(run("b/one_example --weights two/two.weights", 1).find("another network"), std::string::npos);
  EXPECT_NE(run("b/one_example --isa sse", 1).find("not an ISA"), std::string::npos);
  run("b/one_example --nonsense", 1);
  run("cmake -S one -B linked -Done_LINK_WEIGHTS=ON && cmake --build linked && rm one.weights && mv one/one.weights gone && linked/one_example --verify");
  run("mv gone one/one.weights && cd one && cc -O2 *.c -o example -pthread && ./example --isa portable");
}
