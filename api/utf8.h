// UTF-8, as far as lengths, character classes and output need it (RFC 3629).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace glaux::api {

struct Utf8Character {
  char32_t code_point = 0;
  std::size_t bytes = 0;  // 0: no well-formed character starts here
};

// The character at the start of text, which must not be empty.
Utf8Character firstCharacter(std::string_view text);

// Characters (code points) in text; a byte that starts none counts as one.
std::size_t countCharacters(std::string_view text);

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace glaux::api
