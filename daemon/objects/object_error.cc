#include "daemon/objects/object_error.h"

#include <cerrno>
#include <system_error>

namespace glaux::daemon {

tl::unexpected<ObjectError> systemFailure(int error, std::string_view what) {
  const bool is_full = error == ENOSPC || error == EDQUOT;
  return refuse(is_full ? api::S3ErrorCode::kServiceUnavailable : api::S3ErrorCode::kInternalError,
                std::string(what) + " failed: " + std::generic_category().message(error));
}

}  // namespace glaux::daemon
