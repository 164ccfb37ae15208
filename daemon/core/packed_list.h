#pragma once

#include <capnp/list.h>
#include <kj/debug.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

// Private to state_codec: the packed lists of state.capnp.
namespace glaux::core {

template <std::size_t kBytes>
using PackedEntry = std::array<std::uint8_t, kBytes>;

inline constexpr std::size_t kPackedEntriesPerChunk = 1 << 16;

inline unsigned packedChunks(std::size_t entries) {
  return static_cast<unsigned>((entries + kPackedEntriesPerChunk - 1) / kPackedEntriesPerChunk);
}

// `out` has packedChunks(entries.size()) elements.
template <std::size_t kBytes>
void writePacked(const std::vector<PackedEntry<kBytes>>& entries,
                 capnp::List<capnp::Data>::Builder out) {
  for (unsigned chunk = 0; chunk < out.size(); ++chunk) {
    std::size_t first = chunk * kPackedEntriesPerChunk;
    std::size_t count = std::min(entries.size() - first, kPackedEntriesPerChunk);
    auto data = out.init(chunk, static_cast<unsigned>(count * kBytes));
    std::memcpy(data.begin(), entries[first].data(), data.size());
  }
}

inline std::size_t packedEntries(capnp::List<capnp::Data>::Reader in, std::size_t entry_bytes) {
  std::size_t bytes = 0;
  for (auto data : in) bytes += data.size();
  return bytes / entry_bytes;
}

template <std::size_t kBytes, class Visit>
void readPacked(capnp::List<capnp::Data>::Reader in, Visit visit) {
  for (auto data : in) {
    KJ_REQUIRE(data.size() % kBytes == 0, "a packed list is cut off", data.size());
    for (std::size_t at = 0; at < data.size(); at += kBytes) visit(data.begin() + at);
  }
}

}  // namespace glaux::core
