#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "daemon/http/http_message.h"
#include "daemon/objects/object_error.h"

namespace glaux::daemon {

/// The headers that are kept with an object and come back with it: Content-Type, Content-Encoding
/// (without aws-chunked), Content-Language, Content-Disposition, Cache-Control, Expires and
/// x-amz-meta-*.
///
/// They are one extended attribute of the object's file, "user.glaux.headers": a line "Name: value"
/// for each. Where the file system has no such attributes the object is stored without them, and
/// its type is guessed by its name as that of any file an executor wrote.
class ObjectAttributes {
 public:
  /// Those of a request; refused if they are more than S3 takes (2 KiB of x-amz-meta-*, here for
  /// all together, which every file system with such attributes can hold) or hold control
  /// characters.
  [[nodiscard]] static tl::expected<ObjectAttributes, ObjectError> of(const HeaderList& headers);

  /// The reverse of text(); what does not parse is left out.
  static ObjectAttributes parse(std::string_view text);

  /// Those of an open file; empty if it has none.
  static ObjectAttributes load(int fd);
  [[nodiscard]] tl::expected<void, ObjectError> store(int fd) const;

  std::string text() const;
  bool has(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }

 private:
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace glaux::daemon
