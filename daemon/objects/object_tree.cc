#include "daemon/objects/object_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "api/utf8.h"
#include "daemon/objects/beneath.h"
#include "daemon/objects/directory_entries.h"
#include "daemon/objects/preconditions.h"

namespace glaux::daemon {
namespace {

constexpr mode_t kDirectoryMode = 0750;
constexpr std::size_t kMaxKeyBytes = 1024;  // S3's limit
constexpr std::size_t kMaxNameBytes = 255;  // NAME_MAX of Linux' file systems
constexpr int kDirectory = O_RDONLY | O_DIRECTORY;

/// Makes the directory if it is not there, and opens it. errno says why if that fails.
OwnedFd ensureDirectory(int parent_fd, const std::string& name) {
  if (::mkdirat(parent_fd, name.c_str(), kDirectoryMode) < 0 && errno != EEXIST) return {};
  return openBeneath(parent_fd, name, kDirectory);
}

bool isUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = api::firstCharacter(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

/// "bucket/a/b": "", "bucket", "bucket/a", "bucket/a/b".
void addWithAncestors(std::set<std::string>& directories, std::string directory) {
  while (directories.insert(directory).second && !directory.empty()) {
    const std::size_t slash = directory.rfind('/');
    directory.resize(slash == std::string::npos ? 0 : slash);
  }
}

tl::unexpected<ObjectError> cannotBeBoth(const std::string& what) {
  return refuse(
      api::S3ErrorCode::kInvalidArgument,
      "Objects are files here: " + what + ", and a name cannot be a file and a directory at once.");
}

}  // namespace

tl::expected<std::unique_ptr<ObjectTree>, Error> ObjectTree::open(
    const std::filesystem::path& root) {
  const auto failure = [&](const std::string& what) {
    return tl::unexpected(Error{"cannot open the objects directory " + root.string() + what + ": " +
                                std::strerror(errno)});
  };
  OwnedFd root_fd(::open(root.c_str(), kDirectory | O_CLOEXEC));
  if (!root_fd) return failure("");
  OwnedFd staging = ensureDirectory(root_fd.get(), "~staging");
  if (!staging) return failure("/~staging");
  OwnedFd staging_new = ensureDirectory(staging.get(), "new");
  if (!staging_new) return failure("/~staging/new");
  OwnedFd uploads = ensureDirectory(staging.get(), "uploads");
  if (!uploads) return failure("/~staging/uploads");

  // What was being written when the daemon last ended.
  const auto leftovers = readDirectory(staging_new.get());
  if (!leftovers) return failure("/~staging/new");
  for (const DirectoryEntry& entry : *leftovers) {
    ::unlinkat(staging_new.get(), entry.name.c_str(), 0);
  }
  return std::unique_ptr<ObjectTree>(
      new ObjectTree(std::move(root_fd), std::move(staging_new), std::move(uploads)));
}

tl::expected<void, ObjectError> ObjectTree::checkName(const ObjectPath& path) const {
  using api::S3ErrorCode;
  if (!canBeBucket(path.bucket) || (!isBucketName(path.bucket) && !hasBucket(path.bucket))) {
    return refuse(S3ErrorCode::kInvalidBucketName);
  }
  if (path.key.size() > kMaxKeyBytes) return refuse(S3ErrorCode::kKeyTooLong);
  if (!isUtf8(path.key)) return refuse(S3ErrorCode::kInvalidArgument, "The key is not UTF-8.");
  if (!canBeFile(path)) {
    return refuse(S3ErrorCode::kInvalidArgument,
                  "Objects are files here: a key must be names with one slash between them, none "
                  "of them empty, \".\" or \"..\".");
  }
  std::string_view rest = path.key;
  while (!rest.empty()) {
    const std::size_t length = std::min(rest.find('/'), rest.size());
    if (length > kMaxNameBytes) {
      return refuse(S3ErrorCode::kKeyTooLong,
                    "Objects are files here: no part of a key between slashes may have more than "
                    "255 bytes.");
    }
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  return {};
}

tl::expected<void, ObjectError> ObjectTree::publish(StagedFile& file, const ObjectPath& path,
                                                    const WriteCondition& condition) {
  if (auto checked = checkName(path); !checked) return checked;
  {
    std::lock_guard lock(names_);
    if (auto checked = checkCondition(path, condition); !checked) return checked;
    auto directory = makeDirectoryOf(path);
    const int error = directory ? file.moveTo(directory->get(), std::string(fileNameOf(path))) : 0;
    if (!directory || error != 0) pruneDirectoriesOf(path);
    if (!directory) return tl::unexpected(std::move(directory.error()));
    if (error == EISDIR || error == ENOTEMPTY || error == EEXIST) {
      return cannotBeBoth("there are objects below \"" + path.key + "/\"");
    }
    if (error != 0) return systemFailure(error, "Naming the object");
  }
  // All of them: another request may have made one and not synced it yet.
  std::set<std::string> directories;
  addWithAncestors(directories, directoryOf(path));
  return sync(directories);
}

tl::expected<void, ObjectError> ObjectTree::checkCondition(const ObjectPath& path,
                                                           const WriteCondition& condition) const {
  if (condition.if_match.empty() && condition.if_none_match.empty()) return {};
  const auto present = lookAtObjectFile(root(), path);
  if (!present && present.error() == OpenFailure::kFailed) {
    return refuse(api::S3ErrorCode::kInternalError);
  }
  const std::string tag = present ? entityTagOf(*present) : std::string();
  if (!condition.if_match.empty()) {
    if (!present) return refuse(api::S3ErrorCode::kNoSuchKey);
    if (!listsTag(condition.if_match, tag)) return refuse(api::S3ErrorCode::kPreconditionFailed);
  }
  if (present && listsTag(condition.if_none_match, tag)) {
    return refuse(api::S3ErrorCode::kPreconditionFailed);
  }
  return {};
}

tl::expected<OwnedFd, ObjectError> ObjectTree::makeDirectoryOf(const ObjectPath& path) const {
  const std::string wanted = directoryOf(path);
  OwnedFd directory = openBeneath(root(), wanted, kDirectory);
  if (directory || errno != ENOENT) {
    if (directory) return directory;
  } else {
    std::size_t begin = 0;
    OwnedFd parent;
    while (begin <= wanted.size()) {
      const std::size_t end = std::min(wanted.find('/', begin), wanted.size());
      directory =
          ensureDirectory(parent ? parent.get() : root(), wanted.substr(begin, end - begin));
      if (!directory) break;
      parent = std::move(directory);
      begin = end + 1;
    }
    if (begin > wanted.size()) return parent;
  }
  if (errno == ENOTDIR || errno == ELOOP) {
    return cannotBeBoth("there is one where \"" + path.key + "\" needs a directory");
  }
  return systemFailure(errno, "Making a directory for the object");
}

std::vector<tl::expected<void, ObjectError>> ObjectTree::remove(
    const std::string& bucket, const std::vector<std::string>& keys) {
  std::vector<tl::expected<void, ObjectError>> results;
  std::set<std::string> directories;
  for (const std::string& key : keys) {
    const ObjectPath path{bucket, key};
    if (!canBeFile(path)) {
      results.emplace_back();
      continue;
    }
    addWithAncestors(directories, directoryOf(path));
    std::lock_guard lock(names_);
    results.push_back(unlink(path));
    pruneDirectoriesOf(path);
  }
  directories.erase("");  // the bucket stays
  if (auto synced = sync(directories); !synced) {
    for (auto& result : results) result = synced;
  }
  return results;
}

tl::expected<void, ObjectError> ObjectTree::unlink(const ObjectPath& path) const {
  const auto present = lookAtObjectFile(root(), path);
  if (!present) {
    if (present.error() == OpenFailure::kMissing) return {};
    return systemFailure(errno, "Looking for the object");
  }
  const OwnedFd directory = openBeneath(root(), directoryOf(path), kDirectory);
  const std::string name(fileNameOf(path));
  if ((!directory || ::unlinkat(directory.get(), name.c_str(), 0) < 0) && !meansMissing(errno)) {
    return systemFailure(errno, "Deleting the object");
  }
  return {};
}

void ObjectTree::pruneDirectoriesOf(const ObjectPath& path) const {
  std::string directory = directoryOf(path);
  while (directory.size() > path.bucket.size()) {
    const std::size_t slash = directory.rfind('/');
    const std::string name = directory.substr(slash + 1);
    directory.resize(slash);
    const OwnedFd parent = openBeneath(root(), directory, kDirectory);
    if (!parent && errno == ENOENT) continue;
    if (!parent) return;
    if (::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT) return;
  }
}

tl::expected<void, ObjectError> ObjectTree::sync(const std::set<std::string>& directories) const {
  for (const std::string& directory : directories) {
    const OwnedFd fd = openBeneath(root(), directory.empty() ? "." : directory, kDirectory);
    if (!fd && meansMissing(errno)) continue;  // removed meanwhile, with the objects in it
    if (!fd || ::fsync(fd.get()) < 0) return systemFailure(errno, "Syncing a directory");
  }
  return {};
}

bool ObjectTree::hasBucket(const std::string& name) const {
  return canBeBucket(name) && openBeneath(root(), name, O_PATH | O_DIRECTORY);
}

tl::expected<std::vector<api::S3Bucket>, ObjectError> ObjectTree::buckets() const {
  const OwnedFd own = openBeneath(root(), ".", kDirectory);
  const auto entries = own ? readDirectory(own.get()) : std::nullopt;
  if (!entries) return systemFailure(errno, "Reading the objects directory");
  std::vector<api::S3Bucket> buckets;
  for (const DirectoryEntry& entry : *entries) {
    struct stat status {};
    if (!entry.is_directory || !canBeBucket(entry.name)) continue;
    if (::fstatat(root(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) continue;
    // Linux keeps the time of birth, but not every file system does; this is when a name in it last
    // changed.
    buckets.push_back({entry.name, modifiedMs(objectFileOf(status))});
  }
  std::sort(buckets.begin(), buckets.end(),
            [](const api::S3Bucket& a, const api::S3Bucket& b) { return a.name < b.name; });
  return buckets;
}

tl::expected<void, ObjectError> ObjectTree::makeBucket(const std::string& name) {
  if (!isBucketName(name)) return refuse(api::S3ErrorCode::kInvalidBucketName);
  {
    std::lock_guard lock(names_);
    if (!ensureDirectory(root(), name)) return systemFailure(errno, "Making the bucket");
  }
  return sync({"", name});
}

tl::expected<void, ObjectError> ObjectTree::removeBucket(const std::string& name) {
  {
    std::lock_guard lock(names_);
    if (!hasBucket(name)) return refuse(api::S3ErrorCode::kNoSuchBucket);
    if (::unlinkat(root(), name.c_str(), AT_REMOVEDIR) < 0) {
      if (errno == ENOTEMPTY || errno == EEXIST) return refuse(api::S3ErrorCode::kBucketNotEmpty);
      return systemFailure(errno, "Removing the bucket");
    }
  }
  return sync({""});
}

}  // namespace glaux::daemon
