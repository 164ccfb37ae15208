#pragma once

#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "api/s3_responses.h"
#include "daemon/error.h"
#include "daemon/objects/object_error.h"
#include "daemon/objects/object_file.h"
#include "daemon/objects/object_path.h"
#include "daemon/objects/staged_file.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {

/// What a write asks of the object it is about to replace, from its headers; empty: nothing.
struct WriteCondition {
  std::string if_match;
  std::string if_none_match;
};

/// The directory tree in which objects lie as files, <root>/<bucket>/<key>, and its changes.
///
/// S3 has no directories: those of the tree are made when a key needs them, removed with the last
/// object below them, and never shown. Two consequences are refused with InvalidArgument instead of
/// being hidden: a key that is no path of plain names ("a//b", "a/", ".."), and a key that would
/// have to be a directory and a file at once ("a" beside "a/b").
///
/// Below the root, "~staging" holds what is being written (its name cannot be a bucket's): new/ for
/// single files, emptied by open(), uploads/ for the parts of multipart uploads, which survive a
/// restart. Renaming within a file system is atomic, so a reader finds an object whole or not at
/// all; a bucket on another file system than the root can be read but not written.
///
/// Every function blocks on the disk and may be called from any thread. Changes of names happen one
/// after the other (a mutex held without a sync), so that a condition still holds when the object
/// is replaced, and no directory vanishes between being made and being used. Executors write into
/// the tree beside this class; they take a vanished directory for a reason to make it again.
class ObjectTree {
 public:
  /// Fails if `root` is not a directory, or nothing can be written in it.
  [[nodiscard]] static tl::expected<std::unique_ptr<ObjectTree>, Error> open(
      const std::filesystem::path& root);

  int root() const { return root_.get(); }
  int uploads() const { return uploads_.get(); }

  /// A new file to be published.
  [[nodiscard]] tl::expected<StagedFile, ObjectError> stage() const {
    return StagedFile::create(new_);
  }

  /// Whether an object of that path could be written, as far as its name tells.
  [[nodiscard]] tl::expected<void, ObjectError> checkName(const ObjectPath& path) const;

  /// Makes the staged file, already synced, the object; durable when this returns. The bucket and
  /// directories are made as needed. PreconditionFailed, or NoSuchKey for an If-Match without an
  /// object, if the condition does not hold.
  [[nodiscard]] tl::expected<void, ObjectError> publish(StagedFile& file, const ObjectPath& path,
                                                        const WriteCondition& condition);

  /// Removes objects, and the directories that this leaves empty, but not the bucket. Durable when
  /// this returns. What does not exist counts as removed; the answers are in the order of `keys`.
  [[nodiscard]] std::vector<tl::expected<void, ObjectError>> remove(
      const std::string& bucket, const std::vector<std::string>& keys);

  [[nodiscard]] bool hasBucket(const std::string& name) const;
  [[nodiscard]] tl::expected<std::vector<api::S3Bucket>, ObjectError> buckets() const;
  [[nodiscard]] tl::expected<void, ObjectError> makeBucket(const std::string& name);
  [[nodiscard]] tl::expected<void, ObjectError> removeBucket(const std::string& name);

 private:
  ObjectTree(OwnedFd root, OwnedFd staging_new, OwnedFd uploads)
      : root_(std::move(root)), new_(std::move(staging_new)), uploads_(std::move(uploads)) {}

  tl::expected<void, ObjectError> checkCondition(const ObjectPath& path,
                                                 const WriteCondition& condition) const;
  tl::expected<OwnedFd, ObjectError> makeDirectoryOf(const ObjectPath& path) const;
  tl::expected<void, ObjectError> unlink(const ObjectPath& path) const;
  void pruneDirectoriesOf(const ObjectPath& path) const;
  tl::expected<void, ObjectError> sync(const std::set<std::string>& directories) const;

  OwnedFd root_;
  OwnedFd new_;
  OwnedFd uploads_;
  std::mutex names_;
};

}  // namespace glaux::daemon
