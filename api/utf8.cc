#include "api/utf8.h"

#include <algorithm>

namespace glaux::api {
namespace {

struct Lead {
  std::size_t bytes;
  char32_t bits;
  char32_t smallest;  // below it the encoding is overlong
};

Lead leadOf(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return {2, byte & 0x1Fu, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0Fu, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

bool isSurrogate(char32_t code_point) { return code_point >= 0xD800 && code_point <= 0xDFFF; }

}  // namespace

Utf8Character firstCharacter(std::string_view text) {
  const Lead lead = leadOf(static_cast<unsigned char>(text[0]));
  if (lead.bytes == 0 || lead.bytes > text.size()) return {};
  char32_t code_point = lead.bits;
  for (std::size_t i = 1; i < lead.bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (byte & 0x3F);
  }
  if (code_point < lead.smallest || code_point > 0x10FFFF || isSurrogate(code_point)) return {};
  return {code_point, lead.bytes};
}

std::size_t countCharacters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(std::max<std::size_t>(firstCharacter(text).bytes, 1));
    ++count;
  }
  return count;
}

}  // namespace glaux::api
