// A parsed JSON document as a plain tree that keeps the document's order.
//
// The only file that knows nlohmann/json is json.cc; everything else of api works on this tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace glaux::api {

// Bounds on what a client can make us build from a small body.
inline constexpr std::size_t kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonValues = 100'000;

enum class JsonKind { kNull, kFalse, kTrue, kInteger, kDecimal, kString, kList, kObject };

struct JsonMember;

struct JsonValue {
  JsonKind kind = JsonKind::kNull;
  std::int64_t integer = 0;
  double decimal = 0;  // also integers that int64 cannot hold
  std::string string{};
  std::vector<JsonValue> items{};
  std::vector<JsonMember> members{};  // as in the document, repeated names included

  // The last member of that name, as later ones win. nullptr: there is none, or it is null.
  const JsonValue* find(std::string_view name) const;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

// nullopt: not JSON, not UTF-8, or beyond the bounds above.
std::optional<JsonValue> parseJson(std::string_view text);

}  // namespace glaux::api
