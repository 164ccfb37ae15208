#include "daemon/objects/request_body.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/digest.h"
#include "api/s3_checksum.h"
#include "api/s3_chunked.h"

namespace glaux::daemon {
namespace {

using Result = tl::expected<void, ObjectError>;

bool isAwsChunked(const HttpRequest& request) {
  if (request.header("x-amz-content-sha256").starts_with("STREAMING-")) return true;
  std::string_view encodings = request.header("Content-Encoding");
  return equalIgnoringCase(encodings.substr(0, encodings.find(',')), "aws-chunked");
}

Result verifyChecksum(std::string_view name, std::string_view value, std::string_view bytes) {
  const auto algorithm = api::checksumOfHeader(name);
  if (!algorithm) return {};
  if (!api::isChecksum(*algorithm, value)) return refuse(api::S3ErrorCode::kInvalidDigest);
  if (api::checksum(*algorithm, bytes) != value) return refuse(api::S3ErrorCode::kBadDigest);
  return {};
}

bool isHexDigest(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

tl::expected<std::string, ObjectError> takeVerifiedBody(HttpRequest& request) {
  // Of what was sent, before anything is undone.
  const std::string_view sent_digest = request.header("x-amz-content-sha256");
  if (isHexDigest(sent_digest) && api::toHex(api::sha256(request.body)) != sent_digest) {
    return refuse(api::S3ErrorCode::kContentSha256Mismatch);
  }

  std::string bytes = std::exchange(request.body, {});
  if (isAwsChunked(request)) {
    auto decoded = api::decodeAwsChunked(bytes);
    if (!decoded) {
      return refuse(api::S3ErrorCode::kIncompleteBody, "The aws-chunked body is malformed.");
    }
    bytes = std::move(decoded->data);
    const auto length = request.headers.find("x-amz-decoded-content-length");
    if (length && *length != std::to_string(bytes.size())) {
      return refuse(api::S3ErrorCode::kIncompleteBody,
                    "The body has not the length that x-amz-decoded-content-length says.");
    }
    for (const auto& [name, value] : decoded->trailers) {
      if (auto same = verifyChecksum(name, value, bytes); !same) {
        return tl::unexpected(std::move(same.error()));
      }
    }
  }
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto [name, value] = request.headers.at(i);
    if (auto same = verifyChecksum(name, value, bytes); !same) {
      return tl::unexpected(std::move(same.error()));
    }
  }
  return bytes;
}

}  // namespace glaux::daemon
