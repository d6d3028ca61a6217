#include "import/import.h"

#include <algorithm>
#include <string_view>

#include "import/caffe/caffe.h"
#include "import/chainer/chainer.h"
#include "import/darknet/darknet.h"
#include "import/format.h"
#include "import/onnx/onnx.h"

namespace net2c {

namespace {

// The first that knows one of the files reads all of them.
constexpr const Format *formats[] = {&chainer::format, &caffe::format, &darknet::format, &onnx::format};

std::string names_of_formats()
{
  std::vector<std::string> names;
  for (const Format *f : formats) names.push_back(f->name);
  std::sort(names.begin(), names.end());
  const std::string last = names.back();
  names.pop_back();
  return fmt::format("{} and {}", fmt::join(names, ", "), last);
}

// What a file is that cannot be read; nullptr: no idea.
const char *other_format(std::string_view data)
{
  using namespace std::string_view_literals;
  if (data.substr(std::min<size_t>(4, data.size())).starts_with("TFL3"sv)) return "a TensorFlow Lite model";
  if (data.starts_with("\x93NUMPY"sv)) return "a NumPy array, not a network";
  if (data.starts_with("\4\0\0\0\1\0\0\0"sv) || data.starts_with("\3\0\0\0\1\0\0\0"sv)) return "a Torch7 object";
  if (data.size() > 2 && data[0] == '\b' && data[1] >= 1 && data[1] < 32 && data[2] == '\x12') return "a Core ML model";
  const std::string_view head = data.substr(0, 4096);
  const size_t brace = head.find_first_not_of(" \t\r\n");
  if (brace != head.npos && head[brace] == '{' && head.find("\"nodes\"") != head.npos && head.find("\"op\"") != head.npos)
    return "an MXNet symbol; not supported yet";
  if (data.starts_with("7767517\n"sv) || data.starts_with("7767517\r"sv)) return "an ncnn .param; not supported yet";
  return nullptr;
}

}  // namespace

bool is_text(std::string_view text)
{
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 32 || c == '\n' || c == '\r' || c == '\t'; });
}

void unknown_file(const ModelFile &file)
{
  for (const Format *f : formats)
    if (const char *missing = f->missing ? f->missing(file) : nullptr) fail({.file = file.path}, "{}", missing);
  if (const char *format = other_format(file.text()))
    fail({.file = file.path}, "is {}; this version reads {}: export or convert the network to ONNX", format, names_of_formats());
  fail({.file = file.path}, "is in no format that is known here; give {}", model_files_help());
}

std::string model_files_help()
{
  std::vector<std::string> all;
  for (const Format *f : formats) all.push_back(fmt::format("{}: {}", f->name, f->files));
  std::sort(all.begin(), all.end());
  return fmt::format("{}", fmt::join(all, "; "));
}

Imported import_model(const std::vector<std::string> &files, const ImportOptions &options)
{
  if (files.empty()) fail({}, "no model file is given");
  std::vector<ModelFile> given;
  for (const std::string &path : files) {
    given.push_back({path, read_file(path)});
    if (given.back().bytes.empty()) fail({.file = path}, "is empty");
  }
  for (const Format *format : formats)
    if (std::any_of(given.begin(), given.end(), format->knows)) return format->import(given, options);
  unknown_file(given[0]);
}

}  // namespace net2c
