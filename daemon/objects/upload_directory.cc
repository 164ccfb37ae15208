#include "daemon/objects/upload_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "api/s3_responses.h"
#include "daemon/objects/beneath.h"
#include "daemon/objects/directory_entries.h"

namespace glaux::daemon {
namespace {

constexpr const char* kDescription = "upload";
constexpr std::size_t kMaxDescriptionBytes = std::size_t{8} << 10;
constexpr std::time_t kMaxAgeS = 7 * 24 * 3600;

bool isId(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string partName(int number) {
  char name[16];
  std::snprintf(name, sizeof name, "%05d", number);
  return name;
}

std::string nameLine(const ObjectPath& path) {
  return path.bucket + " " + api::urlEncodeKey(path.key) + "\n";
}

bool removeFile(int directory_fd, const std::string& name) {
  return ::unlinkat(directory_fd, name.c_str(), 0) == 0 || errno == ENOENT;
}

bool removeUpload(int uploads_fd, const std::string& id) {
  const OwnedFd fd = openBeneath(uploads_fd, id, O_RDONLY | O_DIRECTORY);
  if (!fd) return errno == ENOENT;
  // First what makes it an upload, so that no request finds half of it.
  if (!removeFile(fd.get(), kDescription)) return false;
  const auto entries = readDirectory(fd.get());
  if (!entries) return false;
  for (const DirectoryEntry& entry : *entries) {
    if (!removeFile(fd.get(), entry.name)) return false;
  }
  // A part that came in at this moment keeps the directory, which then goes when it is stale.
  return ::unlinkat(uploads_fd, id.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT ||
         errno == ENOTEMPTY;
}

}  // namespace

tl::expected<std::string, ObjectError> UploadDirectory::create(ObjectTree& tree,
                                                               const ObjectPath& path,
                                                               const ObjectAttributes& attributes) {
  removeStale(tree);
  auto description = tree.stage();
  if (!description) return tl::unexpected(std::move(description.error()));
  const auto written = description->append(nameLine(path) + attributes.text()).and_then([&] {
    return description->sync();
  });
  if (!written) return tl::unexpected(written.error());

  const std::string id = freshName();
  if (::mkdirat(tree.uploads(), id.c_str(), 0750) < 0) {
    return systemFailure(errno, "Making a directory for the upload");
  }
  const OwnedFd fd = openBeneath(tree.uploads(), id, O_RDONLY | O_DIRECTORY);
  int error = fd ? description->moveTo(fd.get(), kDescription) : errno;
  if (error == 0 && (::fsync(fd.get()) < 0 || ::fsync(tree.uploads()) < 0)) error = errno;
  if (error == 0) return id;
  removeUpload(tree.uploads(), id);
  return systemFailure(error, "Beginning the upload");
}

tl::expected<UploadDirectory, ObjectError> UploadDirectory::open(const ObjectTree& tree,
                                                                 std::string_view id,
                                                                 const ObjectPath& path) {
  if (!isId(id)) return refuse(api::S3ErrorCode::kNoSuchUpload);
  OwnedFd fd = openBeneath(tree.uploads(), std::string(id), O_RDONLY | O_DIRECTORY);
  const OwnedFd description = fd ? openBeneath(fd.get(), kDescription, O_RDONLY) : OwnedFd();
  if (!description) {
    if (errno == ENOENT) return refuse(api::S3ErrorCode::kNoSuchUpload);
    return systemFailure(errno, "Opening the upload");
  }
  std::string text(kMaxDescriptionBytes, '\0');
  const ssize_t size = ::pread(description.get(), text.data(), text.size(), 0);
  if (size < 0) return systemFailure(errno, "Reading the upload");
  text.resize(static_cast<std::size_t>(size));
  const std::string expected = nameLine(path);
  if (!text.starts_with(expected)) return refuse(api::S3ErrorCode::kNoSuchUpload);
  return UploadDirectory(std::string(id), std::move(fd),
                         ObjectAttributes::parse(std::string_view(text).substr(expected.size())));
}

void UploadDirectory::removeStale(const ObjectTree& tree) {
  const OwnedFd own = openBeneath(tree.uploads(), ".", O_RDONLY | O_DIRECTORY);
  const auto entries = own ? readDirectory(own.get()) : std::nullopt;
  if (!entries) return;  // room for the next one to try
  for (const DirectoryEntry& entry : *entries) {
    struct stat status {};
    const bool is_stale =
        ::fstatat(tree.uploads(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        std::time(nullptr) - status.st_mtim.tv_sec > kMaxAgeS;
    if (is_stale) removeUpload(tree.uploads(), entry.name);
  }
}

tl::expected<void, ObjectError> UploadDirectory::add(StagedFile& file, int number) {
  const int error = file.moveTo(fd_.get(), partName(number));
  if (error == ENOENT) return refuse(api::S3ErrorCode::kNoSuchUpload);  // ended meanwhile
  if (error != 0) return systemFailure(error, "Naming the part");
  if (::fsync(fd_.get()) < 0) return systemFailure(errno, "Syncing the upload");
  return {};
}

tl::expected<ObjectFile, ObjectError> UploadDirectory::openPart(int number) const {
  OwnedFd fd = openBeneath(fd_.get(), partName(number), O_RDONLY);
  struct stat status {};
  if (!fd && errno == ENOENT) return refuse(api::S3ErrorCode::kInvalidPart);
  if (!fd || ::fstat(fd.get(), &status) < 0) return systemFailure(errno, "Opening a part");
  ObjectFile part = objectFileOf(status);
  part.fd = std::move(fd);
  return part;
}

tl::expected<std::vector<UploadDirectory::Part>, ObjectError> UploadDirectory::parts() const {
  const OwnedFd own = openBeneath(fd_.get(), ".", O_RDONLY | O_DIRECTORY);
  const auto entries = own ? readDirectory(own.get()) : std::nullopt;
  if (!entries) return systemFailure(errno, "Reading the upload");
  std::vector<Part> parts;
  for (const DirectoryEntry& entry : *entries) {
    struct stat status {};
    if (entry.name == kDescription) continue;
    if (::fstatat(fd_.get(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) continue;
    parts.push_back({std::atoi(entry.name.c_str()), objectFileOf(status)});
  }
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return a.number < b.number; });
  return parts;
}

tl::expected<void, ObjectError> UploadDirectory::remove(const ObjectTree& tree) const {
  if (!removeUpload(tree.uploads(), id_) || ::fsync(tree.uploads()) < 0) {
    return systemFailure(errno, "Removing the upload");
  }
  return {};
}

}  // namespace glaux::daemon
