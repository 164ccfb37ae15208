#include "daemon/objects/byte_range.h"

#include <algorithm>
#include <charconv>

#include "daemon/http/http_message.h"

namespace glaux::daemon {
namespace {

/// A run of digits; numbers beyond 64 bits count as the largest, which is behind every end.
std::optional<std::uint64_t> parsePosition(std::string_view digits) {
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [parsed_to, error] = std::from_chars(digits.data(), end, value);
  if (parsed_to != end || digits.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

}  // namespace

RangeRequest parseRange(std::string_view header, std::uint64_t object_size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!equalIgnoringCase(header.substr(0, kUnit.size()), kUnit)) return {};
  header.remove_prefix(kUnit.size());
  const std::size_t dash = header.find('-');
  if (dash == std::string_view::npos) return {};
  const auto first = parsePosition(header.substr(0, dash));
  const auto last = parsePosition(header.substr(dash + 1));
  if ((!first && dash != 0) || (!last && dash + 1 != header.size())) return {};

  if (!first) {  // "-n": the last n bytes
    if (!last) return {};
    if (*last == 0 || object_size == 0) return {RangeRequest::Kind::kUnsatisfiable, {}};
    const std::uint64_t length = std::min(*last, object_size);
    return {RangeRequest::Kind::kPart, {object_size - length, length}};
  }
  if (last && *last < *first) return {};
  if (*first >= object_size) return {RangeRequest::Kind::kUnsatisfiable, {}};
  const std::uint64_t end = std::min(last.value_or(UINT64_MAX), object_size - 1);
  return {RangeRequest::Kind::kPart, {*first, end - *first + 1}};
}

}  // namespace glaux::daemon
