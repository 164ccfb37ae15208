// s3://bucket/key
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace glaux::api {

struct S3Uri {
  std::string bucket;
  std::string key;  // without the leading slash; may be empty
  bool operator==(const S3Uri&) const = default;
};

// Splits "s3://bucket/key" or "S3://bucket/key"; "s3://bucket" and "s3://bucket/" have an empty
// key. nullopt: another scheme, or a bucket that is empty or not made of [a-zA-Z0-9._-].
std::optional<S3Uri> parseS3Uri(std::string_view uri);

// The reverse: "s3://bucket/key". Clients take such URIs only with a non-empty key.
std::string formatS3Uri(const S3Uri& uri);

// prefix and name with exactly one slash between them; an empty prefix gives the name alone.
std::string joinKey(std::string_view prefix, std::string_view name);

}  // namespace glaux::api
