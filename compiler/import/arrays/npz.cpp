// NumPy's .npz: a zip archive of .npy files.
#include <minizip/unzip.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "graph/npy.h"
#include "import/arrays/arrays.h"

namespace net2c {

namespace {

constexpr int64_t header_room = 1 << 16;   // of a .npy header

// The archive's bytes, as minizip wants to see a file.
struct Memory {
  std::span<const std::byte> bytes;
  uint64_t at = 0;
  bool cut = false;   // the last read wanted more than there is

  zlib_filefunc64_def functions()
  {
    zlib_filefunc64_def f{};
    f.opaque = this;
    f.zopen64_file = [](void *self, const void *, int) { return self; };
    f.zread_file = [](void *self, void *, void *to, uLong n) {
      auto *m = static_cast<Memory *>(self);
      m->cut = n > m->bytes.size() - m->at;
      if (m->cut) n = m->bytes.size() - m->at;
      if (n) std::memcpy(to, m->bytes.data() + m->at, n);
      m->at += n;
      return n;
    };
    f.zwrite_file = [](void *, void *, const void *, uLong) { return uLong{0}; };
    f.ztell64_file = [](void *self, void *) { return ZPOS64_T{static_cast<Memory *>(self)->at}; };
    f.zseek64_file = [](void *self, void *, ZPOS64_T offset, int from) {
      auto *m = static_cast<Memory *>(self);
      const uint64_t base = from == ZLIB_FILEFUNC_SEEK_CUR ? m->at : from == ZLIB_FILEFUNC_SEEK_END ? m->bytes.size() : 0;
      if (offset > m->bytes.size() - base) return -1L;
      m->at = base + offset;
      return 0L;
    };
    f.zclose_file = [](void *, void *) { return 0; };
    f.zerror_file = [](void *self, void *) { return int{static_cast<Memory *>(self)->cut}; };
    return f;
  }
};

struct Close {
  void operator()(void *archive) const { unzClose(archive); }   // and the file of it that is open
};

class Npz : public ArrayFile {
 public:
  Npz(const std::string &path, std::span<const std::byte> bytes) : path_(path), memory_{bytes}
  {
    if (bytes.size() == 22 && std::memcmp(bytes.data(), "PK\5\6", 4) == 0) return;   // no arrays, which minizip takes for damage
    zlib_filefunc64_def functions = memory_.functions();
    archive_.reset(unzOpen2_64(nullptr, &functions));
    int status = archive_ ? unzGoToFirstFile(archive_.get()) : UNZ_BADZIPFILE;
    unz_global_info64 whole{};
    if (archive_) unzGetGlobalInfo64(archive_.get(), &whole);
    for (uint64_t i = 0; i < whole.number_entry && status == UNZ_OK; ++i, status = unzGoToNextFile(archive_.get())) {
      unz_file_info64 info{};
      unz64_file_pos place{};
      std::string name;
      status = unzGetCurrentFileInfo64(archive_.get(), &info, nullptr, 0, nullptr, 0, nullptr, 0);
      if (status == UNZ_OK) {
        name.resize(info.size_filename);
        status = unzGetCurrentFileInfo64(archive_.get(), nullptr, name.data(), info.size_filename, nullptr, 0, nullptr, 0);
      }
      if (status == UNZ_OK) status = unzGetFilePos64(archive_.get(), &place);
      if (status != UNZ_OK) break;
      if (!name.ends_with(".npy")) continue;
      name.resize(name.size() - 4);
      if (entries_.emplace(name, place).second) names_.push_back(std::move(name));
    }
    if (status != UNZ_END_OF_LIST_OF_FILE) fail({.file = path}, "is not a whole zip archive; copy or download it again");
  }

  std::optional<Tensor> read(const std::string &name, int64_t most) override
  {
    const std::string where = path_ + ": array '" + name + "'";
    const auto found = entries_.find(name);
    if (found == entries_.end()) fail({.file = path_}, "has no array '{}'", name);
    if (unzGoToFilePos64(archive_.get(), &found->second) != UNZ_OK || unzOpenCurrentFile(archive_.get()) != UNZ_OK)
      fail({.file = where}, "cannot be read: it is damaged, or compressed by another method than deflate");
    const size_t limit = static_cast<size_t>(most + header_room);
    std::vector<std::byte> bytes;
    std::byte block[1 << 16];
    for (;;) {
      const int n = unzReadCurrentFile(archive_.get(), block, sizeof block);
      if (n < 0) fail({.file = where}, "is damaged: it cannot be decompressed");
      if (n == 0) break;
      bytes.insert(bytes.end(), block, block + n);
      if (bytes.size() > limit) fail({.file = where}, "is larger than the {} bytes that are wanted at most: are these the weights of another network?", most);
    }
    if (unzCloseCurrentFile(archive_.get()) != UNZ_OK) fail({.file = where}, "is damaged: its checksum is another");
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
  Memory memory_;
  std::unique_ptr<void, Close> archive_;
  std::unordered_map<std::string, unz64_file_pos> entries_;
};

}  // namespace

bool looks_like_zip(std::span<const std::byte> bytes)
{
  return bytes.size() >= 4 && (std::memcmp(bytes.data(), "PK\3\4", 4) == 0 || std::memcmp(bytes.data(), "PK\5\6", 4) == 0);
}

std::unique_ptr<ArrayFile> open_npz(const std::string &path, std::span<const std::byte> bytes) { return std::make_unique<Npz>(path, bytes); }

}  // namespace net2c
