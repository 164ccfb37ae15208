#include "api/s3_error.h"

#include <algorithm>
#include <iterator>

#include "api/utf8.h"

namespace glaux::api {
namespace {

struct S3Error {
  S3ErrorCode code;
  std::string_view name;
  int http_status;
  std::string_view message;
};

// In the order of S3ErrorCode.
constexpr S3Error kS3Errors[] = {
    {S3ErrorCode::kAccessDenied, "AccessDenied", 403, "Access Denied"},
    {S3ErrorCode::kBadDigest, "BadDigest", 400,
     "The Content-MD5 or checksum value that you specified did not match what the server "
     "received."},
    {S3ErrorCode::kBucketNotEmpty, "BucketNotEmpty", 409,
     "The bucket you tried to delete is not empty"},
    {S3ErrorCode::kEntityTooLarge, "EntityTooLarge", 400,
     "Your proposed upload exceeds the maximum allowed object size."},
    {S3ErrorCode::kEntityTooSmall, "EntityTooSmall", 400,
     "Your proposed upload is smaller than the minimum allowed size"},
    {S3ErrorCode::kIncompleteBody, "IncompleteBody", 400,
     "You did not provide the number of bytes specified by the Content-Length HTTP header."},
    {S3ErrorCode::kInternalError, "InternalError", 500, "An internal error occurred. Try again."},
    {S3ErrorCode::kInvalidArgument, "InvalidArgument", 400, "Invalid Argument"},
    {S3ErrorCode::kInvalidBucketName, "InvalidBucketName", 400,
     "The specified bucket is not valid."},
    {S3ErrorCode::kInvalidDigest, "InvalidDigest", 400,
     "The Content-MD5 or checksum value that you specified is not valid."},
    {S3ErrorCode::kInvalidPart, "InvalidPart", 400,
     "One or more of the specified parts could not be found. The part may not have been uploaded, "
     "or the specified entity tag may not match the part's entity tag."},
    {S3ErrorCode::kInvalidPartOrder, "InvalidPartOrder", 400,
     "The list of parts was not in ascending order. Parts must be ordered by part number."},
    {S3ErrorCode::kInvalidRange, "InvalidRange", 416, "The requested range is not satisfiable"},
    {S3ErrorCode::kInvalidRequest, "InvalidRequest", 400, "Invalid Request"},
    {S3ErrorCode::kInvalidUri, "InvalidURI", 400, "The specified URI couldn't be parsed."},
    {S3ErrorCode::kKeyTooLong, "KeyTooLongError", 400, "Your key is too long."},
    {S3ErrorCode::kMalformedXml, "MalformedXML", 400,
     "The XML you provided was not well-formed or did not validate against our published schema"},
    {S3ErrorCode::kMetadataTooLarge, "MetadataTooLarge", 400,
     "Your metadata headers exceed the maximum allowed metadata size"},
    {S3ErrorCode::kMethodNotAllowed, "MethodNotAllowed", 405,
     "The specified method is not allowed against this resource."},
    {S3ErrorCode::kMissingContentLength, "MissingContentLength", 411,
     "You must provide the Content-Length HTTP header."},
    {S3ErrorCode::kNoSuchBucket, "NoSuchBucket", 404, "The specified bucket does not exist"},
    {S3ErrorCode::kNoSuchKey, "NoSuchKey", 404, "The specified key does not exist."},
    {S3ErrorCode::kNoSuchUpload, "NoSuchUpload", 404,
     "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
     "been aborted or completed."},
    {S3ErrorCode::kNotImplemented, "NotImplemented", 501,
     "A header or query parameter you provided implies functionality that is not implemented."},
    {S3ErrorCode::kPreconditionFailed, "PreconditionFailed", 412,
     "At least one of the preconditions that you specified did not hold."},
    {S3ErrorCode::kServiceUnavailable, "ServiceUnavailable", 503,
     "Service is unable to handle request."},
    {S3ErrorCode::kContentSha256Mismatch, "XAmzContentSHA256Mismatch", 400,
     "The provided 'x-amz-content-sha256' header does not match what was computed."},
};

constexpr bool s3ErrorsAreInOrder() {
  for (std::size_t i = 0; i < std::size(kS3Errors); ++i) {
    if (kS3Errors[i].code != static_cast<S3ErrorCode>(i)) return false;
  }
  return std::size(kS3Errors) == static_cast<std::size_t>(S3ErrorCode::kContentSha256Mismatch) + 1;
}
static_assert(s3ErrorsAreInOrder());

const S3Error& rowOf(S3ErrorCode code) { return kS3Errors[static_cast<std::size_t>(code)]; }

// XML 1.0, production 2 (Char).
bool isXmlCharacter(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

std::string element(std::string_view tag, std::string_view text) {
  return "<" + std::string(tag) + ">" + escapeXml(text) + "</" + std::string(tag) + ">";
}

}  // namespace

std::string_view name(S3ErrorCode code) { return rowOf(code).name; }

int httpStatus(S3ErrorCode code) { return rowOf(code).http_status; }

std::string encodeS3Error(S3ErrorCode code, std::string_view resource, std::string_view request_id,
                          std::string_view message) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>" + element("Code", name(code)) +
         element("Message", message.empty() ? rowOf(code).message : message) +
         element("Resource", resource) + element("RequestId", request_id) + "</Error>";
}

std::string escapeXml(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [code_point, bytes] = firstCharacter(text);
    if (bytes == 0 || !isXmlCharacter(code_point)) {
      out += kReplacementCharacter;
    } else if (code_point == '&') {
      out += "&amp;";
    } else if (code_point == '<') {
      out += "&lt;";
    } else if (code_point == '>') {
      out += "&gt;";
    } else if (code_point == '"') {
      out += "&quot;";
    } else if (code_point == '\r') {
      out += "&#13;";  // a parser would turn the bare character into a line feed
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return out;
}

}  // namespace glaux::api
