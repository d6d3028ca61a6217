// AArch64 under emulation gives the bits of this machine: tests/isa/hashes.c, built for both.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

namespace {

bool there(const std::string &tool) { return std::system(("command -v " + tool + " > /dev/null 2>&1").c_str()) == 0; }

// What the command prints; empty when it fails.
std::string output_of(const std::string &command)
{
  FILE *pipe = popen(command.c_str(), "r");
  if (!pipe) return "";
  std::string text;
  char part[4096];
  while (const size_t n = std::fread(part, 1, sizeof part, pipe)) text.append(part, n);
  return pclose(pipe) == 0 ? text : "";
}

std::string hashes(const std::string &cc, const std::string &isa, const std::string &run, const std::filesystem::path &folder)
{
  const std::string source = NET2C_SOURCE_DIR, program = (folder / isa).string();
  const std::string build = cc + " -std=c11 -O2 -Wall -Wextra -Wpedantic -Werror -I" + source + " -DTABLE=net2c_kernels_" + isa + " " + source +
                            "/tests/isa/hashes.c " + source + "/kernels/isa/" + isa + ".c -o " + program;
  return std::system(build.c_str()) == 0 ? output_of(run + program) : "";
}

}  // namespace

TEST(Isa, NeonGivesTheSameBits)
{
#if !defined(__x86_64__)
  GTEST_SKIP() << "compares AVX2 with emulated NEON: needs an x86 machine";
#else
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) GTEST_SKIP() << "this CPU has no AVX2";
  if (!there("aarch64-linux-gnu-gcc") || !there("qemu-aarch64")) GTEST_SKIP() << "needs aarch64-linux-gnu-gcc and qemu-aarch64";
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("net2c_isa_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(folder);
  const std::string here = hashes("cc", "avx2", "", folder), emulated = hashes("aarch64-linux-gnu-gcc -static", "neon", "qemu-aarch64 ", folder);
  std::filesystem::remove_all(folder);
  EXPECT_GT(here.size(), 1000u);
  EXPECT_EQ(here, emulated);
#endif
}
