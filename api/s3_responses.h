// The documents that the S3 subset answers with: XML in S3's namespace, Content-Type
// application/xml. Entity tags come with their quotes, times in milliseconds since 1970 (UTC).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/s3_error.h"

namespace glaux::api {

struct S3ListedObject {
  std::string key;
  std::int64_t modified_ms = 0;
  std::string etag;
  std::uint64_t size = 0;
};

// A page of ListObjects (v1) or ListObjectsV2, with what was asked for.
struct S3Listing {
  int version = 2;
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::string after;  // Marker of v1, StartAfter of v2
  std::string continuation_token;
  int max_keys = 1000;
  bool url_encoded = false;  // encoding-type=url: for keys that XML cannot carry

  std::vector<S3ListedObject> objects;
  std::vector<std::string> common_prefixes;
  bool is_truncated = false;
  std::string next;  // NextMarker, a key, of v1; NextContinuationToken of v2
};

struct S3Bucket {
  std::string name;
  std::int64_t created_ms = 0;
};

struct S3DeleteResult {
  struct Failure {
    std::string key;
    S3ErrorCode code;
    std::string message;
  };
  std::vector<std::string> deleted;
  std::vector<Failure> failures;
};

struct S3UploadName {
  std::string bucket;
  std::string key;
  std::string id;
};

struct S3ListedPart {
  int number = 0;
  std::int64_t modified_ms = 0;
  std::string etag;
  std::uint64_t size = 0;
};

struct S3PartListing {
  S3UploadName upload;
  int marker = 0;
  int max_parts = 1000;
  std::vector<S3ListedPart> parts;
  bool is_truncated = false;
};

std::string encodeS3Listing(const S3Listing& listing);
std::string encodeS3Buckets(const std::vector<S3Bucket>& buckets);
std::string encodeS3Location();  // of every bucket: the default region, which has no name
std::string encodeS3NoTags();    // of an object
std::string encodeS3DeleteResult(const S3DeleteResult& result);
// CopyObjectResult, or CopyPartResult for UploadPartCopy.
std::string encodeS3Copy(std::string_view document, std::string_view etag,
                         std::int64_t modified_ms);
std::string encodeS3UploadCreated(const S3UploadName& upload);
std::string encodeS3UploadCompleted(const S3UploadName& upload, std::string_view etag);
std::string encodeS3Parts(const S3PartListing& listing);

// Percent-encoded but for letters, digits, "-._~" and "/".
std::string urlEncodeKey(std::string_view key);

}  // namespace glaux::api
