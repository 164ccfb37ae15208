// The errors of the S3 subset that serves objects, as S3's XML bodies.
#pragma once

#include <string>
#include <string_view>

namespace glaux::api {

enum class S3ErrorCode {
  kAccessDenied,
  kBadDigest,
  kBucketNotEmpty,
  kEntityTooLarge,
  kEntityTooSmall,
  kIncompleteBody,
  kInternalError,
  kInvalidArgument,
  kInvalidBucketName,
  kInvalidDigest,
  kInvalidPart,
  kInvalidPartOrder,
  kInvalidRange,
  kInvalidRequest,
  kInvalidUri,
  kKeyTooLong,
  kMalformedXml,
  kMetadataTooLarge,
  kMethodNotAllowed,
  kMissingContentLength,
  kNoSuchBucket,
  kNoSuchKey,
  kNoSuchUpload,
  kNotImplemented,
  kPreconditionFailed,
  kServiceUnavailable,
  kContentSha256Mismatch,
};

// "NoSuchKey"
std::string_view name(S3ErrorCode code);

int httpStatus(S3ErrorCode code);

// The body, Content-Type application/xml. message empty: S3's own text for the code. resource is
// the request's path, /bucket/key; both may hold any bytes.
std::string encodeS3Error(S3ErrorCode code, std::string_view resource, std::string_view request_id,
                          std::string_view message = {});

// text escaped for an XML element; what XML 1.0 cannot carry becomes U+FFFD.
std::string escapeXml(std::string_view text);

}  // namespace glaux::api
