#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "daemon/error.h"
#include "daemon/objects/object_path.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {

/// Why an object could not be read. The message names the object as s3://<bucket>/<key>.
struct ObjectReadError {
  enum class Kind {
    kMissing,   // there is no such object
    kTooLarge,  // it has more bytes than the caller takes
    kFailed,    // the disk, or a limit of the process
  };
  Kind kind;
  std::string message;
};

/// Reads whole objects from the tree that ObjectStore serves, for the daemon's own use: code blocks
/// and notebooks that requests name as s3://bucket/key.
///
/// Copies share one descriptor of the root. read() blocks on the disk and belongs on the thread
/// pool (WorkQueue); it may be called from any number of threads.
class ObjectReader {
 public:
  /// Fails if `root` is not a directory that can be opened.
  [[nodiscard]] static tl::expected<ObjectReader, Error> open(const std::filesystem::path& root);

  /// The object's bytes, at most `max_bytes`. An object that is replaced meanwhile is read as it
  /// was; of one that grows (output of a running calculation) what was there when it was opened.
  [[nodiscard]] tl::expected<std::string, ObjectReadError> read(const ObjectPath& path,
                                                                std::size_t max_bytes) const;

 private:
  explicit ObjectReader(OwnedFd root) : root_(std::make_shared<const OwnedFd>(std::move(root))) {}

  std::shared_ptr<const OwnedFd> root_;
};

}  // namespace glaux::daemon
