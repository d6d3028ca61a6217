// HDF5: groups of datasets, read from memory.
#define H5_USE_110_API   // the names of its functions mean those of 1.10 in later versions too
#include <hdf5.h>

#include <cstring>
#include <mutex>
#include <unordered_set>

#include "import/arrays/arrays.h"

namespace net2c {

namespace {

// An identifier of the library, closed by the function of its kind.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Id()
  {
    if (id_ >= 0) close_(id_);
  }
  Id(const Id &) = delete;
  Id &operator=(const Id &) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

// The file's type as one of ours, and the native type that the library converts to.
std::optional<std::pair<Type, hid_t>> type_of(hid_t stored)
{
  const size_t size = H5Tget_size(stored);
  const bool is_signed = H5Tget_sign(stored) == H5T_SGN_2;
  switch (H5Tget_class(stored)) {
    case H5T_FLOAT:
      if (size <= 4) return {{Type::f32, H5T_NATIVE_FLOAT}};
      if (size == 8) return {{Type::f64, H5T_NATIVE_DOUBLE}};
      return std::nullopt;
    case H5T_INTEGER:
      if (size > 8) return std::nullopt;
      if (is_signed) return {{Type::i64, H5T_NATIVE_INT64}};
      return {{Type::u64, H5T_NATIVE_UINT64}};
    default: return std::nullopt;
  }
}

herr_t collect(hid_t, const char *name, const H5O_info_t *info, void *names)
{
  if (info->type == H5O_TYPE_DATASET) static_cast<std::vector<std::string> *>(names)->emplace_back(name);
  return 0;
}

// The library may be used by one thread at a time, whatever the file.
std::mutex one_at_a_time;

class Hdf5 : public ArrayFile {
 public:
  Hdf5(const std::string &path, std::span<const std::byte> bytes) : path_(path), file_(open(path, bytes), H5Fclose)
  {
    if (H5Ovisit(file_, H5_INDEX_NAME, H5_ITER_NATIVE, collect, &names_) < 0)
      fail({.file = path}, "its groups cannot be read; the file is damaged");
    known_.insert(names_.begin(), names_.end());
  }

  std::optional<Tensor> read(const std::string &name, int64_t most) override
  {
    const std::string where = path_ + ": array '" + name + "'";
    if (!known_.contains(name)) fail({.file = path_}, "has no array '{}'", name);
    const Id set(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), H5Dclose);
    const Id space(set < 0 ? -1 : H5Dget_space(set), H5Sclose), stored(set < 0 ? -1 : H5Dget_type(set), H5Tclose);
    if (set < 0 || space < 0 || stored < 0) fail({.file = where}, "cannot be read; the file is damaged");
    if (H5Sget_simple_extent_type(space) == H5S_NULL) return std::nullopt;
    const auto type = type_of(stored);
    if (!type) fail({.file = where}, "has elements that are neither floats nor integers of at most 64 bits");
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0 || rank > 6) fail({.file = where}, "has {} dimensions; at most 6 are read", rank);
    hsize_t sizes[6] = {};
    H5Sget_simple_extent_dims(space, sizes, nullptr);
    Shape shape;
    for (int d = 0; d < rank; ++d) {
      if (sizes[d] > hsize_t{1} << 40) fail({.file = where}, "has a size of {}", sizes[d]);
      shape.push_back(static_cast<int64_t>(sizes[d]));
    }
    // A scalar or a smaller type than what it is read as may take more than `most`; an array must not.
    if (count(shape) > 1 && count(shape) * static_cast<int64_t>(H5Tget_size(stored)) > most)
      fail({.file = where}, "is {} and larger than the {} bytes that are wanted at most: are these the weights of another network?", text_of(shape), most);
    Tensor t(type->first, shape);
    if (t.size() && H5Dread(set, type->second, H5S_ALL, H5S_ALL, H5P_DEFAULT, t.bytes.data()) < 0)
      fail({.file = where}, "its data cannot be read; the file is damaged, or compressed by a filter that is not built in (lzf): use gzip or none");
    return t;
  }

 private:
  static hid_t open(const std::string &path, std::span<const std::byte> bytes)
  {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);   // errors are reported here, not printed
    const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_fapl_core(access, 1 << 16, false);
    H5Pset_file_image(access, const_cast<std::byte *>(bytes.data()), bytes.size());
    const hid_t file = H5Fopen("/dev/null/image", H5F_ACC_RDONLY, access);   // the driver refuses the name of a file that is there
    if (file < 0) fail({.file = path}, "is not a whole HDF5 file; copy or download it again");
    return file;
  }

  std::lock_guard<std::mutex> lock_{one_at_a_time};
  std::string path_;
  Id file_;
  std::unordered_set<std::string> known_;
};

}  // namespace

bool looks_like_hdf5(std::span<const std::byte> bytes) { return bytes.size() >= 8 && std::memcmp(bytes.data(), "\x89HDF\r\n\x1a\n", 8) == 0; }

std::unique_ptr<ArrayFile> open_hdf5(const std::string &path, std::span<const std::byte> bytes) { return std::make_unique<Hdf5>(path, bytes); }

}  // namespace net2c
