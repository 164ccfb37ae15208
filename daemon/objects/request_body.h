#pragma once

#include <string>
#include <tl/expected.hpp>

#include "daemon/http/http_message.h"
#include "daemon/objects/object_error.h"

namespace glaux::daemon {

/// The bytes that a request uploads: without the aws-chunked coding, and the same as what its
/// checksums say (Content-MD5, x-amz-checksum-*, in headers or trailers, and x-amz-content-sha256
/// when that is a digest). Takes the body out of the request; the headers stay. BadDigest,
/// InvalidDigest, XAmzContentSHA256Mismatch or IncompleteBody otherwise.
[[nodiscard]] tl::expected<std::string, ObjectError> takeVerifiedBody(HttpRequest& request);

}  // namespace glaux::daemon
