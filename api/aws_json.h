// AWS JSON 1.1 bodies to structs and back.
//
// encode() is deterministic: members in table order, maps sorted, members without a value left out,
// integers exact, timestamps as numbers; bytes that are not UTF-8 become U+FFFD. Therefore
// decode(encode(x)) == x for every struct of this folder holding valid UTF-8 and timestamps within
// ±2^51 ms, which is also how the daemon stores the rows of its views.
//
// Decoding: null means absent, unknown members are ignored, the last of two equal members wins, a
// decimal given for an integer is truncated. A body that is no JSON object, is not UTF-8, is nested
// deeper than 64 or holds more than 100,000 values is a SerializationException.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "api/errors.h"
#include "api/shapes.h"

namespace glaux::api {

namespace detail {
tl::expected<void, Error> decode(std::string_view body, const Shape& shape, void* object);
tl::expected<void, Error> decodeValidated(std::string_view body, const Shape& shape, void* object);
void encode(const Shape& shape, const void* object, std::string& out);
}  // namespace detail

// Checks JSON and types only; missing members keep their defaults. For responses and stored rows.
template <typename T>
tl::expected<T, Error> decode(std::string_view body) {
  T value;
  auto decoded = detail::decode(body, shapeOf<T>(), &value);
  if (!decoded) return tl::unexpected(std::move(decoded.error()));
  return value;
}

// Also checks every constraint of the model: required members, ranges, lengths (in characters),
// patterns, enumerations. All violations are reported in one InvalidRequestException. For requests.
template <typename T>
tl::expected<T, Error> decodeValidated(std::string_view body) {
  T value;
  auto decoded = detail::decodeValidated(body, shapeOf<T>(), &value);
  if (!decoded) return tl::unexpected(std::move(decoded.error()));
  return value;
}

template <typename T>
std::string encode(const T& value) {
  std::string out;
  detail::encode(shapeOf<T>(), &value, out);
  return out;
}

}  // namespace glaux::api
