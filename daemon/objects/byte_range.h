#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace glaux::daemon {

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// What a Range header asks of an object of a certain size (RFC 9110, section 14).
struct RangeRequest {
  enum class Kind {
    kWhole,          // no range, several, or one that does not parse: the header is ignored
    kPart,           // `range` of it
    kUnsatisfiable,  // a range that begins behind the end
  };
  Kind kind = Kind::kWhole;
  ByteRange range;
};

RangeRequest parseRange(std::string_view header, std::uint64_t object_size);

}  // namespace glaux::daemon
