// The documents that requests of the S3 subset carry in their bodies.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace glaux::api {

// DeleteObjects
struct S3Delete {
  struct Object {
    std::string key;
    std::string version_id;
  };
  std::vector<Object> objects;  // 1 to 1000
  bool quiet = false;           // only failures are to be reported
};

// CompleteMultipartUpload
struct S3CompletedPart {
  int number = 0;    // 1 to 10,000
  std::string etag;  // in double quotes, whether or not the client put them
};

// nullopt: not well-formed, or not such a document. Document types and entities beyond XML's own
// five are not interpreted.
std::optional<S3Delete> parseS3Delete(std::string_view xml);
std::optional<std::vector<S3CompletedPart>> parseS3CompletedParts(std::string_view xml);

}  // namespace glaux::api
