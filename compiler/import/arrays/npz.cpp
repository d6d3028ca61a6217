// NumPy's .npz: a zip archive of .npy files.
#include <zip.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "graph/npy.h"
#include "import/arrays/arrays.h"

namespace net2c {

namespace {

struct Discard {
  void operator()(zip_t *archive) const { zip_discard(archive); }
  void operator()(zip_file_t *file) const { zip_fclose(file); }
};

constexpr int64_t header_room = 1 << 16;   // of a .npy header

class Npz : public ArrayFile {
 public:
  Npz(const std::string &path, std::span<const std::byte> bytes) : path_(path)
  {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    if (source) archive_.reset(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
    const std::string reason = archive_ ? "" : zip_error_strerror(&error);
    if (!archive_ && source) zip_source_free(source);
    zip_error_fini(&error);
    if (!archive_) fail({.file = path}, "is not a whole zip archive ({}); copy or download it again", reason);
    const zip_int64_t n = zip_get_num_entries(archive_.get(), 0);
    for (zip_int64_t i = 0; i < n; ++i) {
      const char *raw = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_GUESS);
      std::string name = raw ? raw : "";
      if (!name.ends_with(".npy")) continue;
      name.resize(name.size() - 4);
      if (index_.emplace(name, static_cast<zip_uint64_t>(i)).second) names_.push_back(std::move(name));
    }
  }

  std::optional<Tensor> read(const std::string &name, int64_t most) override
  {
    const std::string where = path_ + ": array '" + name + "'";
    const auto found = index_.find(name);
    if (found == index_.end()) fail({.file = path_}, "has no array '{}'", name);
    std::unique_ptr<zip_file_t, Discard> file(zip_fopen_index(archive_.get(), found->second, 0));
    if (!file) fail({.file = where}, "cannot be read ({})", zip_strerror(archive_.get()));
    const size_t limit = static_cast<size_t>(most + header_room);
    std::vector<std::byte> bytes;
    std::byte block[1 << 16];
    for (;;) {
      const zip_int64_t n = zip_fread(file.get(), block, sizeof block);
      if (n < 0) fail({.file = where}, "is damaged ({})", zip_file_strerror(file.get()));
      if (n == 0) break;
      bytes.insert(bytes.end(), block, block + n);
      if (bytes.size() > limit) fail({.file = where}, "is larger than the {} bytes that are wanted at most: are these the weights of another network?", most);
    }
    if (is_none(bytes)) return std::nullopt;
    return read_npy(where, bytes);
  }

 private:
  // Python objects are not unpickled: the one that frameworks save is None.
  static bool is_none(const std::vector<std::byte> &bytes)
  {
    const std::string_view head(reinterpret_cast<const char *>(bytes.data()), std::min<size_t>(bytes.size(), 128));
    return head.starts_with("\x93NUMPY") && head.find("'|O'") != std::string_view::npos;
  }

  std::string path_;
  std::unique_ptr<zip_t, Discard> archive_;
  std::unordered_map<std::string, zip_uint64_t> index_;
};

}  // namespace

bool looks_like_zip(std::span<const std::byte> bytes)
{
  return bytes.size() >= 4 && (std::memcmp(bytes.data(), "PK\3\4", 4) == 0 || std::memcmp(bytes.data(), "PK\5\6", 4) == 0);
}

std::unique_ptr<ArrayFile> open_npz(const std::string &path, std::span<const std::byte> bytes) { return std::make_unique<Npz>(path, bytes); }

}  // namespace net2c
