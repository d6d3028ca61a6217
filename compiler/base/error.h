// One kind of error for everything that is the user's to mend, one for what is ours. Only cli/ and python/ catch them.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

namespace net2c {

// Where something is wrong; empty parts are left out of the message.
struct Where {
  std::string file = {};   // as the user wrote it
  std::string layer = {};  // the model's own name
  std::string op = {};     // the source format's operator
};

// The user's model or command (exit 1). The text reads: file: layer 'name' (Op): reason and what to do.
class Error : public std::exception {
 public:
  explicit Error(std::string text) : text_(std::move(text)) {}
  const char *what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// A broken promise inside net2c (exit 2).
class Bug : public std::exception {
 public:
  explicit Bug(std::string text) : text_(std::move(text)) {}
  const char *what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

std::string describe(const Where &where);

template <class... Args>
[[noreturn]] void fail(const Where &where, fmt::format_string<Args...> format, Args &&...args)
{
  throw Error(describe(where) + fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void bug(fmt::format_string<Args...> format, Args &&...args)
{
  throw Bug(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace net2c
