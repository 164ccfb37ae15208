#include "api/json_writer.h"

#include <charconv>
#include <iterator>

#include "api/utf8.h"

namespace glaux::api {
namespace {

void writeEscaped(unsigned char byte, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 0xF];
  }
}

// The length of text's beginning that needs no escaping: printable ASCII but '"' and '\'.
std::size_t plainPrefix(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    const auto byte = static_cast<unsigned char>(text[length]);
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
    ++length;
  }
  return length;
}

}  // namespace

void writeString(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plainPrefix(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text[0]);
    std::size_t consumed = 1;
    if (byte < 0x80) {
      writeEscaped(byte, out);
    } else if (const std::size_t bytes = firstCharacter(text).bytes; bytes > 0) {
      out.append(text.substr(0, bytes));
      consumed = bytes;
    } else {
      out += kReplacementCharacter;
    }
    text.remove_prefix(consumed);
  }
  out += '"';
}

void writeInteger(std::int64_t value, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  out.append(digits, end);
}

}  // namespace glaux::api
