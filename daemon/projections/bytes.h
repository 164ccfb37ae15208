#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/check.h"

namespace glaux::daemon {

// Numbers in keys: eight bytes whose bytewise order is that of the numbers.
inline std::string bigEndian64(std::uint64_t number) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i, number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
  return bytes;
}

inline std::uint64_t readBigEndian64(std::string_view bytes) {
  core::check(bytes.size() >= 8, "a number in a view has eight bytes");
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  return number;
}

// An id as a key.
inline std::string keyOf(const std::array<std::uint8_t, 16>& id) {
  return std::string(reinterpret_cast<const char*>(id.data()), id.size());
}

}  // namespace glaux::daemon
