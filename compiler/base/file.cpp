#include "base/file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/error.h"

namespace net2c {

namespace fs = std::filesystem;

namespace {

struct Close {
  void operator()(std::FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

}  // namespace

Bytes read_file(const std::string &path)
{
  std::error_code error;
  if (fs::is_directory(path, error)) fail({.file = path}, "is a folder; give a file");
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) fail({.file = path}, "cannot be opened ({}); check the path", std::strerror(errno));
  Bytes bytes;
  if (const auto size = fs::file_size(path, error); !error) bytes.reserve(size);  // unknown for a pipe
  std::byte block[1 << 16];
  while (size_t n = std::fread(block, 1, sizeof block, file.get())) bytes.insert(bytes.end(), block, block + n);
  if (std::ferror(file.get())) fail({.file = path}, "cannot be read ({})", std::strerror(errno));
  return bytes;
}

void write_file(const std::string &path, std::span<const std::byte> bytes)
{
  const std::string part = path + ".part" + std::to_string(getpid());
  File file(std::fopen(part.c_str(), "wb"));
  if (!file) fail({.file = path}, "cannot be written ({}); choose another place", std::strerror(errno));
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size() && std::fflush(file.get()) == 0;
  const int why = errno;
  file.reset();
  if (!written || std::rename(part.c_str(), path.c_str()) != 0) {
    const int reason = written ? errno : why;
    std::remove(part.c_str());
    fail({.file = path}, "cannot be written ({})", std::strerror(reason));
  }
}

void write_file(const std::string &path, const std::string &text)
{
  write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

void make_folder(const std::string &path)
{
  if (path.empty()) fail({}, "the name of the folder to write is empty; give one");
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path)) fail({.file = path}, "cannot be made a folder ({}); choose another place", error ? error.message() : "a file is in the way");
}

}  // namespace net2c
