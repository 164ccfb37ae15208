#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "api/s3_error.h"
#include "daemon/http/http_message.h"

namespace glaux::daemon {

/// A refusal, or a failure of the disk, as it is told to an S3 client.
struct ObjectError {
  api::S3ErrorCode code;
  /// Empty: S3's own text for the code.
  std::string message = {};
  /// Beside those that every error has.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

using ObjectReply = tl::expected<HttpResponse, ObjectError>;

inline tl::unexpected<ObjectError> refuse(api::S3ErrorCode code, std::string message = {}) {
  return tl::unexpected(ObjectError{code, std::move(message), {}});
}

/// What a failed system call means to the client, from errno's value: a full disk is
/// ServiceUnavailable, anything else InternalError; both say `what` failed and why.
tl::unexpected<ObjectError> systemFailure(int error, std::string_view what);

}  // namespace glaux::daemon
