#include "daemon/objects/object_attributes.h"

#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace glaux::daemon {
namespace {

constexpr const char* kAttribute = "user.glaux.headers";
constexpr std::size_t kMaxBytes = 2048;
constexpr std::string_view kMetadata = "x-amz-meta-";

constexpr std::array<std::string_view, 6> kKept{"Content-Type",     "Content-Encoding",
                                                "Content-Language", "Content-Disposition",
                                                "Cache-Control",    "Expires"};

bool isMetadata(std::string_view name) {
  return name.size() > kMetadata.size() &&
         equalIgnoringCase(name.substr(0, kMetadata.size()), kMetadata);
}

bool isKept(std::string_view name) {
  return isMetadata(name) || std::any_of(kKept.begin(), kKept.end(), [&](std::string_view kept) {
           return equalIgnoringCase(kept, name);
         });
}

bool holdsControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

/// "aws-chunked,gzip" is gzip: the first was undone when the body was read.
std::string withoutAwsChunked(std::string_view encodings) {
  std::string rest;
  while (!encodings.empty()) {
    std::string_view item = encodings.substr(0, encodings.find(','));
    encodings.remove_prefix(std::min(encodings.size(), item.size() + 1));
    const std::size_t begin = item.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    item = item.substr(begin, item.find_last_not_of(" \t") - begin + 1);
    if (equalIgnoringCase(item, "aws-chunked")) continue;
    if (!rest.empty()) rest += ", ";
    rest += item;
  }
  return rest;
}

}  // namespace

tl::expected<ObjectAttributes, ObjectError> ObjectAttributes::of(const HeaderList& headers) {
  ObjectAttributes attributes;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers.at(i);
    if (!isKept(name)) continue;
    if (holdsControlCharacter(name) || holdsControlCharacter(value)) {
      return refuse(api::S3ErrorCode::kInvalidArgument,
                    "A header that is kept with the object holds a control character.");
    }
    const bool is_encoding = equalIgnoringCase(name, "Content-Encoding");
    std::string kept = is_encoding ? withoutAwsChunked(value) : std::string(value);
    if (kept.empty() && !isMetadata(name)) continue;
    std::string kept_name(name);
    if (isMetadata(name)) {
      std::transform(kept_name.begin(), kept_name.end(), kept_name.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    }
    attributes.headers_.emplace_back(std::move(kept_name), std::move(kept));
  }
  if (attributes.text().size() > kMaxBytes) return refuse(api::S3ErrorCode::kMetadataTooLarge);
  return attributes;
}

ObjectAttributes ObjectAttributes::parse(std::string_view text) {
  ObjectAttributes attributes;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos || holdsControlCharacter(line)) continue;
    const std::string_view name = line.substr(0, colon);
    if (isKept(name)) attributes.headers_.emplace_back(name, line.substr(colon + 2));
  }
  return attributes;
}

ObjectAttributes ObjectAttributes::load(int fd) {
  std::array<char, kMaxBytes> text;
  const ssize_t size = ::fgetxattr(fd, kAttribute, text.data(), text.size());
  if (size <= 0) return {};
  return parse({text.data(), static_cast<std::size_t>(size)});
}

tl::expected<void, ObjectError> ObjectAttributes::store(int fd) const {
  const std::string value = text();
  if (value.empty()) return {};
  if (::fsetxattr(fd, kAttribute, value.data(), value.size(), 0) < 0 && errno != ENOTSUP) {
    return systemFailure(errno, "Storing the object's headers");
  }
  return {};
}

std::string ObjectAttributes::text() const {
  std::string text;
  for (const auto& [name, value] : headers_) text += name + ": " + value + "\n";
  return text;
}

bool ObjectAttributes::has(std::string_view name) const {
  return std::any_of(headers_.begin(), headers_.end(),
                     [&](const auto& header) { return equalIgnoringCase(header.first, name); });
}

}  // namespace glaux::daemon
