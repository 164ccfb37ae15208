#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace glaux::core {

// 128 random bits, shown to clients in the 8-4-4-4-12 form (dbt-athena parses session ids with
// UUID()). The type parameter keeps a session's id from being passed where a calculation's is due.
template <class Tag>
struct Id {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Id&) const = default;
};

using SessionId = Id<struct SessionTag>;
using CalculationId = Id<struct CalculationTag>;
using ExecutorId = Id<struct ExecutorTag>;
using NotebookId = Id<struct NotebookTag>;

using IdBytes = std::array<std::uint8_t, 16>;

// Lower-case hexadecimal, 36 characters.
std::string idText(const IdBytes& bytes);

// Nothing unless `text` is exactly in the form idText() writes; upper case is not an id of ours.
std::optional<IdBytes> parseIdText(std::string_view text);

template <class Tag>
std::string toText(const Id<Tag>& id) {
  return idText(id.bytes);
}

template <class IdType>
std::optional<IdType> parseId(std::string_view text) {
  auto bytes = parseIdText(text);
  if (!bytes) return std::nullopt;
  return IdType{*bytes};
}

// Ids are random, so any eight of their bytes are a hash.
struct IdHash {
  template <class Tag>
  std::size_t operator()(const Id<Tag>& id) const noexcept {
    std::size_t hash;
    std::memcpy(&hash, id.bytes.data(), sizeof hash);
    return hash;
  }
};

}  // namespace glaux::core
