#include "api/s3_uri.h"

#include <algorithm>

namespace glaux::api {
namespace {

bool isBucketCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

std::optional<S3Uri> parseS3Uri(std::string_view uri) {
  if (!uri.starts_with("s3://") && !uri.starts_with("S3://")) return std::nullopt;
  uri.remove_prefix(5);
  const std::string_view bucket = uri.substr(0, uri.find('/'));
  if (bucket.empty() || !std::all_of(bucket.begin(), bucket.end(), isBucketCharacter)) {
    return std::nullopt;
  }
  uri.remove_prefix(std::min(bucket.size() + 1, uri.size()));
  return S3Uri{std::string(bucket), std::string(uri)};
}

std::string formatS3Uri(const S3Uri& uri) { return "s3://" + uri.bucket + "/" + uri.key; }

std::string joinKey(std::string_view prefix, std::string_view name) {
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  while (name.starts_with('/')) name.remove_prefix(1);
  if (prefix.empty()) return std::string(name);
  return std::string(prefix) + "/" + std::string(name);
}

}  // namespace glaux::api
