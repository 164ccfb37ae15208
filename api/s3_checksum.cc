#include "api/s3_checksum.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>

namespace glaux::api {
namespace {

struct Algorithm {
  S3Checksum algorithm;
  std::string_view header;  // lower case
  std::size_t bytes;
};

constexpr Algorithm kAlgorithms[] = {
    {S3Checksum::kMd5, "content-md5", 16},
    {S3Checksum::kCrc32, "x-amz-checksum-crc32", 4},
    {S3Checksum::kSha1, "x-amz-checksum-sha1", 20},
    {S3Checksum::kSha256, "x-amz-checksum-sha256", 32},
};

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text((size + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends it with NUL
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size))));
  return text;
}

std::string digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value;
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), value.data(), &size, algorithm, nullptr);
  return base64(value.data(), size);
}

std::string crc32Of(std::string_view bytes) {
  const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  const unsigned char value[] = {
      static_cast<unsigned char>(crc >> 24), static_cast<unsigned char>(crc >> 16),
      static_cast<unsigned char>(crc >> 8), static_cast<unsigned char>(crc)};
  return base64(value, sizeof value);
}

bool equalsLowerCase(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

bool isBase64Character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

}  // namespace

std::optional<S3Checksum> checksumOfHeader(std::string_view header_name) {
  for (const Algorithm& row : kAlgorithms) {
    if (equalsLowerCase(header_name, row.header)) return row.algorithm;
  }
  return std::nullopt;
}

std::string checksum(S3Checksum algorithm, std::string_view bytes) {
  switch (algorithm) {
    case S3Checksum::kMd5:
      return digest(EVP_md5(), bytes);
    case S3Checksum::kCrc32:
      return crc32Of(bytes);
    case S3Checksum::kSha1:
      return digest(EVP_sha1(), bytes);
    case S3Checksum::kSha256:
      break;
  }
  return digest(EVP_sha256(), bytes);
}

bool isChecksum(S3Checksum algorithm, std::string_view value) {
  const std::size_t bytes = kAlgorithms[static_cast<std::size_t>(algorithm)].bytes;
  const std::size_t padding = (3 - bytes % 3) % 3;
  if (value.size() != (bytes + 2) / 3 * 4) return false;
  const std::string_view digits = value.substr(0, value.size() - padding);
  const std::string_view rest = value.substr(digits.size());
  return std::all_of(digits.begin(), digits.end(), isBase64Character) &&
         std::all_of(rest.begin(), rest.end(), [](char c) { return c == '='; });
}

}  // namespace glaux::api
