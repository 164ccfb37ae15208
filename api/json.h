// A parsed JSON document as a plain tree that keeps the document's order.
//
// The only file that knows nlohmann/json is json.cc; everything else of api works on this tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace glaux::api {

// Bounds on what a client can make us build from a small body.
struct JsonBounds {
  std::size_t depth = 64;
  std::size_t values = 100'000;
};

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

// The error says why there is no tree: "it is not JSON (at byte 17)", which is also said of text
// that is not UTF-8, or which bound it exceeds.
tl::expected<JsonValue, std::string> parseJson(std::string_view text,
                                               const JsonBounds& bounds = {});

}  // namespace glaux::api
