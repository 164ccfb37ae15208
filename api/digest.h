// SHA-256, for comparing what may not be kept: idempotency parameters, tokens, page positions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace glaux::api {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);

// 64 lower-case hexadecimal digits.
std::string toHex(const Digest& digest);

}  // namespace glaux::api
