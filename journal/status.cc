#include "journal/status.h"

#include <rocksdb/status.h>

#include <cerrno>
#include <system_error>

namespace glaux::journal {
namespace {

std::string_view wayOut(Error::Kind kind) {
  switch (kind) {
    case Error::Kind::kDiskFull:
      return "; every acknowledged record is safe: free space on this file system and start again";
    case Error::Kind::kReadOnlyDirectory:
      return "; make the directory writable for the user this process runs as";
    case Error::Kind::kCorrupt:
      return "; restore this directory from a backup, or see what is readable with"
             " `glauxctl journal verify`";
    default:
      return "";
  }
}

Error make(Error::Kind kind, std::string_view doing, std::string_view cause) {
  return Error{kind, std::string(doing) + ": " + std::string(cause) + std::string(wayOut(kind))};
}

}  // namespace

Error errorFrom(const StoreFailure& failure, std::string_view doing) {
  return make(failure.kind, doing, failure.cause);
}

StoreFailure failureFrom(const rocksdb::Status& status) {
  Error::Kind kind = Error::Kind::kIo;
  if (status.IsNoSpace()) {
    kind = Error::Kind::kDiskFull;
  } else if (status.IsCorruption()) {
    kind = Error::Kind::kCorrupt;
  }
  return {kind, status.ToString()};
}

Error errorFrom(const rocksdb::Status& status, std::string_view doing) {
  return errorFrom(failureFrom(status), doing);
}

StoreFailure corruption(std::string_view detail) {
  return {Error::Kind::kCorrupt, "Corruption: " + std::string(detail)};
}

Error errorFromErrno(int error_number, std::string_view doing) {
  Error::Kind kind = Error::Kind::kIo;
  if (error_number == ENOSPC || error_number == EDQUOT) {
    kind = Error::Kind::kDiskFull;
  } else if (error_number == EACCES || error_number == EPERM || error_number == EROFS) {
    kind = Error::Kind::kReadOnlyDirectory;
  }
  return make(kind, doing, std::generic_category().message(error_number));
}

}  // namespace glaux::journal
