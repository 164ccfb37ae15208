#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

// Integers as they are on disk: big-endian, so that bytewise order is numeric order.
namespace glaux::journal {

template <typename Integer>
void appendBigEndian(Integer value, std::string* out) {
  using Unsigned = std::make_unsigned_t<Integer>;
  const auto bits = static_cast<Unsigned>(value);
  for (int shift = 8 * (sizeof(Integer) - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(bits >> shift & 0xff));
  }
}

// Reads sizeof(Integer) bytes at `offset`, which the caller has checked to be there.
template <typename Integer>
Integer readBigEndian(std::string_view bytes, std::size_t offset) {
  using Unsigned = std::make_unsigned_t<Integer>;
  Unsigned bits = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    bits = static_cast<Unsigned>(bits << 8 | static_cast<std::uint8_t>(bytes[offset + i]));
  }
  return static_cast<Integer>(bits);
}

}  // namespace glaux::journal
