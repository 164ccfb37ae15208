#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/objects/object_attributes.h"
#include "daemon/objects/object_error.h"
#include "daemon/objects/object_file.h"
#include "daemon/objects/object_path.h"
#include "daemon/objects/object_tree.h"

namespace glaux::daemon {

/// A multipart upload in progress: a directory of the staging area, named by the upload's id. In it
/// "upload" says what the object will be: bucket, key (percent-encoded), and its attributes, a line
/// each; and each part is a file named by five digits of its number. All of it is durable when it
/// is acknowledged, so an upload goes on after a restart.
///
/// An upload that nothing was added to for a week is removed, by the next one that is created, and
/// when the daemon starts.
class UploadDirectory {
 public:
  /// Returns the id.
  [[nodiscard]] static tl::expected<std::string, ObjectError> create(
      ObjectTree& tree, const ObjectPath& path, const ObjectAttributes& attributes);

  /// NoSuchUpload if there is none of that id, or it is not for that object.
  [[nodiscard]] static tl::expected<UploadDirectory, ObjectError> open(const ObjectTree& tree,
                                                                       std::string_view id,
                                                                       const ObjectPath& path);

  static void removeStale(const ObjectTree& tree);

  struct Part {
    int number;
    ObjectFile file;
  };

  /// Takes a synced file as a part, in place of an earlier one of that number.
  [[nodiscard]] tl::expected<void, ObjectError> add(StagedFile& file, int number);

  /// Opens a part; InvalidPart if there is none.
  [[nodiscard]] tl::expected<ObjectFile, ObjectError> openPart(int number) const;

  /// In the order of their numbers, not opened.
  [[nodiscard]] tl::expected<std::vector<Part>, ObjectError> parts() const;

  /// Ends the upload: everything in it is removed.
  [[nodiscard]] tl::expected<void, ObjectError> remove(const ObjectTree& tree) const;

  const ObjectAttributes& attributes() const { return attributes_; }

 private:
  UploadDirectory(std::string id, OwnedFd fd, ObjectAttributes attributes)
      : id_(std::move(id)), fd_(std::move(fd)), attributes_(std::move(attributes)) {}

  std::string id_;
  OwnedFd fd_;
  ObjectAttributes attributes_;
};

}  // namespace glaux::daemon
