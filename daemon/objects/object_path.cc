#include "daemon/objects/object_path.h"

#include <algorithm>
#include <charconv>

namespace glaux::daemon {
namespace {

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

bool isPlainName(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != "..";
}

}  // namespace

std::optional<ObjectPath> parseObjectPath(std::string_view raw_path) {
  if (raw_path.starts_with('/')) raw_path.remove_prefix(1);
  const std::size_t slash = raw_path.find('/');
  auto bucket = percentDecode(raw_path.substr(0, slash));
  auto key =
      slash == std::string_view::npos ? std::string() : percentDecode(raw_path.substr(slash + 1));
  if (!bucket || !key) return std::nullopt;
  return ObjectPath{std::move(*bucket), std::move(*key)};
}

bool canBeFile(const ObjectPath& path) {
  if (!isPlainName(path.bucket) || path.bucket.find('/') != std::string::npos) return false;
  std::string_view rest = path.key;
  while (true) {
    const std::size_t slash = rest.find('/');
    if (!isPlainName(rest.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace glaux::daemon
