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

  bool operator==(const ObjectPath&) const = default;
};

/// Decodes percent-encoding, once. nullopt if an escape is malformed or stands for NUL.
std::optional<std::string> percentDecode(std::string_view text);

/// Decodes a request path, "/<bucket>/<key>". nullopt as percentDecode().
std::optional<ObjectPath> parseObjectPath(std::string_view raw_path);

/// Whether the name can be a directory of the tree's root that holds a bucket: letters, digits,
/// ".", "_" and "-", as in s3:// URIs, and neither "." nor "..".
bool canBeBucket(std::string_view name);

/// Whether a bucket of that name may be made: 3 to 63 such characters, the first one a letter or a
/// digit, and not a path that the daemon itself answers ("metrics", "healthz").
bool isBucketName(std::string_view name);

/// Whether the path can name a file: both parts are there, and every segment is the plain name of a
/// directory entry, so that no two paths name the same file.
bool canBeFile(const ObjectPath& path);

/// The last segment of the key, and what is before it with the bucket: "bucket/a/b".
std::string_view fileNameOf(const ObjectPath& path);
std::string directoryOf(const ObjectPath& path);

}  // namespace glaux::daemon
