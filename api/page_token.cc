#include "api/page_token.h"

#include <openssl/evp.h>

#include <algorithm>
#include <optional>

#include "api/digest.h"

namespace glaux::api {
namespace {

// A token is base64url, unpadded, of: version (1 byte), checksum (8 bytes), position (the rest).
// The checksum is the beginning of SHA-256 over version, operation, scope and position, each
// preceded by its length, so that no two of them can trade bytes.
constexpr char kVersion = 1;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kHeaderBytes = 1 + kChecksumBytes;

void append(std::string_view part, std::string& out) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

std::string checksumOf(std::string_view operation, std::string_view scope,
                       std::string_view position) {
  std::string covered(1, kVersion);
  append(operation, covered);
  append(scope, covered);
  append(position, covered);
  const Digest digest = sha256(covered);
  return std::string(digest.begin(), digest.begin() + kChecksumBytes);
}

std::string toBase64Url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

bool isBase64Url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

std::optional<std::string> fromBase64Url(std::string_view token) {
  if (!std::all_of(token.begin(), token.end(), isBase64Url)) return std::nullopt;
  std::string text(token);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0 || padding == 3) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

}  // namespace

std::string encodePageToken(std::string_view operation, std::string_view scope,
                            std::string_view position) {
  std::string bytes(1, kVersion);
  bytes += checksumOf(operation, scope, position);
  bytes += position;
  return toBase64Url(bytes);
}

tl::expected<std::string, Error> decodePageToken(std::string_view operation, std::string_view scope,
                                                 std::string_view token) {
  const auto bytes = fromBase64Url(token);
  if (!bytes || bytes->size() < kHeaderBytes) {
    return tl::unexpected(errors::malformedPageToken(token));
  }
  std::string position = bytes->substr(kHeaderBytes);
  // Encoding again also refuses tokens whose unused last bits were altered.
  if (encodePageToken(operation, scope, position) != token) {
    return tl::unexpected(errors::malformedPageToken(token));
  }
  return position;
}

}  // namespace glaux::api
