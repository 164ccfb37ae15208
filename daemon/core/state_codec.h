#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/core/state.h"

// A state as bytes, for snapshots. state.capnp is the format's specification. No function throws.
namespace glaux::core {

// Stored beside a snapshot; one with another version is passed over.
inline constexpr std::uint16_t kStateCodecVersion = 3;

// Equal states give equal bytes, on every machine.
std::string encodeState(const State& state);

// The text says why the bytes are not what encodeState() writes.
tl::expected<State, std::string> decodeState(std::string_view bytes);

}  // namespace glaux::core
