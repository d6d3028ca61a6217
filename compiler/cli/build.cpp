#include "cli/build.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "emit/sources.h"

extern char **environ;

namespace net2c::cli {

namespace fs = std::filesystem;

namespace {

uint64_t hash_of(const std::string &text, uint64_t h)
{
  for (char c : text) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return h;
}

struct Folder {   // gone with everything in it
  std::string path;
  ~Folder()
  {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

}  // namespace

std::string cache_folder()
{
  const char *xdg = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  const std::string path = (xdg && *xdg ? std::string(xdg) : std::string(home && *home ? home : "/tmp") + "/.cache") + "/net2c";
  make_folder(path);
  return path;
}

std::string run_program(const std::vector<std::string> &arguments, const std::string &what)
{
  int ends[2];
  if (pipe(ends) != 0) fail({}, "{}: no pipe ({})", what, std::strerror(errno));
  std::vector<char *> argv;
  for (const std::string &a : arguments) argv.push_back(const_cast<char *>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text;
  char block[4096];
  for (ssize_t n; error == 0 && ((n = read(ends[0], block, sizeof block)) > 0 || (n < 0 && errno == EINTR));)
    if (n > 0) text.append(block, static_cast<size_t>(n));
  close(ends[0]);
  if (error) fail({}, "{}: '{}' cannot be started ({})", what, arguments[0], std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail({}, "{}: '{}' failed:\n{}", what, arguments[0], text.substr(0, 2000));
  return text;
}

std::string build(const Bundle &bundle, const std::string &extra, const std::vector<std::string> &flags, Progress &progress)
{
  const char *cc = std::getenv("CC");
  std::vector<std::string> command{cc && *cc ? cc : "cc", "-O2", "-w"};
  command.insert(command.end(), flags.begin(), flags.end());
  Flattener flattener;
  flattener.overrides["runtime/bundle/api.h"] = "#include \"" + bundle.name + ".h\"\n";
  const std::string source = renamed(flattener.file("runtime/bundle/" + extra), bundle.name);

  uint64_t hash = 0xcbf29ce484222325u;
  for (const std::string &c : command) hash = hash_of(c, hash);
  hash = hash_of(source, hash);
  std::vector<const BundleFile *> files;
  for (const BundleFile &f : bundle.files)
    if ((f.name.ends_with(".c") || f.name.ends_with(".h")) && f.name != "main.c") {
      files.push_back(&f);
      hash = hash_of(f.name, hash);
      hash = hash_of(std::string(reinterpret_cast<const char *>(f.bytes.data()), f.bytes.size()), hash);
    }
  const std::string result = fmt::format("{}/{:016x}", cache_folder(), hash);
  if (fs::exists(result)) return result;

  progress.stage("compiling the emitted C");
  const Folder folder{fmt::format("{}.build{}", result, getpid())};
  make_folder(folder.path);
  for (const BundleFile *f : files) write_file(folder.path + "/" + f->name, f->bytes);
  write_file(folder.path + "/" + extra, source);
  for (const BundleFile *f : files)
    if (f->name.ends_with(".c")) command.push_back(folder.path + "/" + f->name);
  command.push_back(folder.path + "/" + extra);
  command.insert(command.end(), {"-o", folder.path + "/result", "-pthread"});
  run_program(command, "the native engine needs a C compiler (set CC)");
  fs::rename(folder.path + "/result", result);
  return result;
}

}  // namespace net2c::cli
