#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace glaux::journal {

// A SHA-256 digest (FIPS 180-4). Ordered and compared bytewise.
struct Hash {
  std::array<std::uint8_t, 32> bytes{};

  // 64 lower-case hexadecimal digits.
  std::string hex() const;
  // The inverse of hex(); nothing unless `text` is exactly 64 hexadecimal digits of either case.
  static std::optional<Hash> fromHex(std::string_view text);
  // The digest as the 32 bytes that go to disk. Valid as long as this object.
  std::string_view view() const;
  // The inverse of view(); nothing unless `raw` has exactly 32 bytes.
  static std::optional<Hash> fromBytes(std::string_view raw);

  auto operator<=>(const Hash&) const = default;
};

// Two lower-case hexadecimal digits for every byte, and the inverse; the inverse gives nothing for
// an odd number of digits or anything that is none. Either case is read.
std::string toHex(std::string_view bytes);
std::optional<std::string> bytesFromHex(std::string_view text);

// The digest of `bytes`. Any thread. Costs no allocation: the context is kept per thread.
Hash sha256(std::string_view bytes);

// The digest of the concatenation of `parts`, without building it.
Hash sha256(std::initializer_list<std::string_view> parts);

}  // namespace glaux::journal
