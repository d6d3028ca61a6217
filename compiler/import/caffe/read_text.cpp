// Protobuf's text form, as prototxt files are written: fields `name: value`, groups in { } or < >, lists in [ ], comments
// from # on. Names and types are not checked here: who asks for a field says what it must be.
#include "import/caffe/records.h"

namespace net2c::caffe {

namespace {

constexpr int deepest = 32;   // groups within groups

class Parser {
 public:
  Parser(const std::string &file, std::string_view text) : file_(file), text_(text)
  {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  Message run() { return fields(0, 0); }

 private:
  template <class... Args>
  [[noreturn]] void wrong(fmt::format_string<Args...> format, Args &&...args) const
  {
    size_t line = 1;
    for (size_t i = 0; i < std::min(at_, text_.size()); ++i) line += text_[i] == '\n';
    fail({.file = file_}, "line {}: {}", line, fmt::format(format, std::forward<Args>(args)...));
  }

  void skip()
  {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '#')
        while (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
      else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v') break;
    }
  }
  char peek()
  {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c)
  {
    if (at_ >= text_.size() || peek() != c) return false;
    ++at_;
    return true;
  }
  static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9'); }
  bool ended()
  {
    skip();
    return at_ >= text_.size();
  }

  std::string shown()
  {
    if (ended()) return "the end of the file";
    size_t n = 1;
    while (n < 20 && at_ + n < text_.size() && letter(text_[at_]) && letter(text_[at_ + n])) ++n;
    const unsigned char c = static_cast<unsigned char>(text_[at_]);
    return c < 32 || c > 126 ? fmt::format("byte {}", c) : fmt::format("'{}'", text_.substr(at_, n));
  }

  std::string word(const char *what)
  {
    skip();
    const size_t from = at_;
    while (at_ < text_.size() && letter(text_[at_])) ++at_;
    if (at_ == from) wrong("expected {}, but there is {}", what, shown());
    return std::string(text_.substr(from, at_ - from));
  }

  // Closing: the character that ends the group; 0: the end of the file.
  Message fields(char closing, int depth)
  {
    Message m;
    while (true) {
      if (ended()) {
        if (closing) wrong("the file ends inside a group; it is cut off, or a '{}' is missing", closing);
        return m;
      }
      if (closing && take(closing)) return m;
      const std::string name = word(closing ? "the name of a field or the end of the group" : "the name of a field");
      const bool colon = take(':');
      const char c = peek();
      if (c == '{' || c == '<') group(m, name, depth);
      else if (!colon) wrong("expected ':' or '{{' after '{}', but there is {}", name, shown());
      else if (take('[')) list(m, name, depth);
      else m.fields.push_back(scalar(name));
      if (!take(',')) take(';');
    }
  }

  void group(Message &m, const std::string &name, int depth)
  {
    if (depth == deepest) wrong("more than {} groups within each other", deepest);
    const char closing = text_[at_++] == '{' ? '}' : '>';
    Field f{.name = name, .kind = Field::Kind::message, .text = {}, .message = nullptr};
    f.message = std::make_shared<Message>(fields(closing, depth + 1));
    m.fields.push_back(std::move(f));
  }

  void list(Message &m, const std::string &name, int depth)
  {
    if (take(']')) return;
    do {
      const char c = peek();
      if (c == '{' || c == '<') group(m, name, depth);
      else m.fields.push_back(scalar(name));
    } while (take(','));
    if (!take(']')) wrong("expected ',' or ']' in the list of '{}', but there is {}", name, shown());
  }

  Field scalar(const std::string &name)
  {
    Field f{.name = name, .kind = Field::Kind::word, .text = {}, .message = nullptr};
    const char c = peek();
    if (c == '"' || c == '\'') {
      f.kind = Field::Kind::text;
      while (peek() == '"' || peek() == '\'') quoted(f.text);   // parts in a row are one text
      return f;
    }
    if (take('-')) f.text = "-", skip();
    else if (take('+')) skip();
    const size_t from = at_;
    // A sign belongs to a number after its exponent's e only.
    const bool hexadecimal = text_.substr(at_).starts_with("0x") || text_.substr(at_).starts_with("0X");
    const bool number = at_ < text_.size() && ((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '.');
    while (at_ < text_.size()) {
      const char d = text_[at_];
      const bool sign =
          (d == '-' || d == '+') && number && !hexadecimal && at_ > from && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
      if (!letter(d) && d != '.' && !sign) break;
      ++at_;
    }
    if (at_ == from) wrong("expected a value for '{}', but there is {}", name, shown());
    f.text += text_.substr(from, at_ - from);
    return f;
  }

  void quoted(std::string &to)
  {
    const char quote = text_[at_++];
    while (true) {
      if (at_ >= text_.size() || text_[at_] == '\n') wrong("a text in quotes has no end");
      const char c = text_[at_++];
      if (c == quote) return;
      if (c != '\\') {
        to += c;
        continue;
      }
      if (at_ >= text_.size()) wrong("a text in quotes has no end");
      escape(to);
    }
  }

  void escape(std::string &to)
  {
    const char c = text_[at_++];
    const auto digit = [&](int base) {
      if (at_ >= text_.size()) return -1;
      const char d = text_[at_];
      const int n = d >= '0' && d <= '9' ? d - '0' : d >= 'a' && d <= 'f' ? d - 'a' + 10 : d >= 'A' && d <= 'F' ? d - 'A' + 10 : 99;
      return n < base ? (++at_, n) : -1;
    };
    switch (c) {
      case 'n': to += '\n'; return;
      case 't': to += '\t'; return;
      case 'r': to += '\r'; return;
      case 'x': {
        int value = 0;
        for (int i = 0, d = 0; i < 2 && (d = digit(16)) >= 0; ++i) value = value * 16 + d;
        to += static_cast<char>(value);
        return;
      }
      default:
        if (c >= '0' && c <= '7') {
          int value = c - '0';
          for (int i = 0, d = 0; i < 2 && (d = digit(8)) >= 0; ++i) value = value * 8 + d;
          to += static_cast<char>(value);
          return;
        }
        to += c;   // \" \' \\ and the rest
    }
  }

  const std::string &file_;
  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Message read_prototxt(const std::string &file, std::span<const std::byte> bytes)
{
  return Parser(file, {reinterpret_cast<const char *>(bytes.data()), bytes.size()}).run();
}

}  // namespace net2c::caffe
