#include "daemon/objects/object_path.h"

#include <algorithm>
#include <charconv>

namespace glaux::daemon {
namespace {

bool isAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isPlainName(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != "..";
}

bool isBucketCharacter(char c) { return isAlphanumeric(c) || c == '.' || c == '_' || c == '-'; }

}  // namespace

std::optional<std::string> percentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const std::string_view digits = text.substr(i + 1, 2);
      unsigned char value = 0;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
      if (error != std::errc{} || digits.size() < 2 || end != digits.data() + 2)
        return std::nullopt;
      c = static_cast<char>(value);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    decoded += c;
  }
  return decoded;
}

std::optional<ObjectPath> parseObjectPath(std::string_view raw_path) {
  if (raw_path.starts_with('/')) raw_path.remove_prefix(1);
  const std::size_t slash = raw_path.find('/');
  auto bucket = percentDecode(raw_path.substr(0, slash));
  auto key =
      slash == std::string_view::npos ? std::string() : percentDecode(raw_path.substr(slash + 1));
  if (!bucket || !key) return std::nullopt;
  return ObjectPath{std::move(*bucket), std::move(*key)};
}

bool canBeBucket(std::string_view name) {
  return isPlainName(name) && std::all_of(name.begin(), name.end(), isBucketCharacter);
}

bool isBucketName(std::string_view name) {
  return canBeBucket(name) && name.size() >= 3 && name.size() <= 63 &&
         isAlphanumeric(name.front()) && name != "metrics" && name != "healthz";
}

bool canBeFile(const ObjectPath& path) {
  if (!canBeBucket(path.bucket)) return false;
  std::string_view rest = path.key;
  while (true) {
    const std::size_t slash = rest.find('/');
    if (!isPlainName(rest.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

std::string_view fileNameOf(const ObjectPath& path) {
  // npos + 1 is 0: a key without a slash is the name.
  return std::string_view(path.key).substr(path.key.rfind('/') + 1);
}

std::string directoryOf(const ObjectPath& path) {
  const std::size_t slash = path.key.rfind('/');
  if (slash == std::string::npos) return path.bucket;
  return path.bucket + '/' + path.key.substr(0, slash);
}

}  // namespace glaux::daemon
