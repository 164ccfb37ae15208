// The checksums that clients send beside a body.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace glaux::api {

enum class S3Checksum { kMd5, kCrc32, kSha1, kSha256 };

// The algorithm behind a header or trailer, whatever its case: Content-MD5, x-amz-checksum-crc32,
// -sha1, -sha256. nullopt for any other, among them x-amz-checksum-crc32c and -crc64nvme, for which
// Debian has no library: values of those are taken unchecked.
std::optional<S3Checksum> checksumOfHeader(std::string_view header_name);

// Base64 of the checksum's bytes, most significant first, as it stands in such a header.
std::string checksum(S3Checksum algorithm, std::string_view bytes);

// Whether value has the form of such a checksum, whatever its bits.
bool isChecksum(S3Checksum algorithm, std::string_view value);

}  // namespace glaux::api
