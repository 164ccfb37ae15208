#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace glaux::daemon {

/// What a path-style S3 URL names.
struct ObjectPath {
  std::string bucket;
  /// Empty if the path names the bucket itself.
  std::string key;
};

/// Decodes a request path, "/<bucket>/<key>" with percent-encoding, once. nullopt if an escape is
/// malformed or stands for NUL.
std::optional<ObjectPath> parseObjectPath(std::string_view raw_path);

/// Whether the path can name a file: both parts are there, and every segment is the plain name of a
/// directory entry, so that no two paths name the same file.
bool canBeFile(const ObjectPath& path);

}  // namespace glaux::daemon
