#include "daemon/objects/object_walk.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "daemon/objects/beneath.h"
#include "daemon/objects/directory_entries.h"
#include "daemon/objects/object_path.h"

namespace glaux::daemon {
namespace {

/// The directory that all keys with the prefix lie below: up to its last slash, with it.
std::string directoryOfPrefix(std::string_view prefix) {
  return std::string(prefix.substr(0, prefix.rfind('/') + 1));
}

/// Whether such a directory can be there; "a//" and "../" can not.
bool canBeDirectory(const std::string& bucket, const std::string& directory) {
  return canBeFile({bucket, directory + "x"});
}

}  // namespace

tl::expected<void, ObjectError> ObjectWalk::run(const Visit& visit) {
  const std::string start = directoryOfPrefix(wanted_.prefix);
  if (canBeDirectory(bucket_, start)) enter(start, visit);
  return result_;
}

bool ObjectWalk::enter(const std::string& directory, const Visit& visit) {
  std::vector<DirectoryEntry> entries;
  {
    const OwnedFd fd = openBeneath(root_fd_, bucket_ + '/' + directory, O_RDONLY | O_DIRECTORY);
    if (!fd && meansMissing(errno)) return true;
    auto read = fd ? readDirectory(fd.get()) : std::nullopt;
    if (!read) {
      result_ = systemFailure(errno, "Reading a directory of the bucket");
      return false;
    }
    entries = std::move(*read);
  }
  // A directory's keys continue its name with a slash: "a.txt" is before "a/x", "a0" behind it.
  for (DirectoryEntry& entry : entries) {
    entry.name.insert(0, directory);
    if (entry.is_directory) entry.name += '/';
  }
  const auto unwanted = [this](const DirectoryEntry& entry) {
    return entry.is_directory ? !concernsDirectory(entry.name) : !concernsKey(entry.name);
  };
  entries.erase(std::remove_if(entries.begin(), entries.end(), unwanted), entries.end());
  std::sort(entries.begin(), entries.end(),
            [](const DirectoryEntry& a, const DirectoryEntry& b) { return a.name < b.name; });

  for (const DirectoryEntry& entry : entries) {
    if (unwanted(entry)) continue;  // since the last visit
    const bool stops_here = wanted_.stops_at_directories && entry.is_directory &&
                            entry.name.size() > wanted_.prefix.size() &&
                            !wanted_.after.starts_with(entry.name);
    if (entry.is_directory && !stops_here) {
      if (!enter(entry.name, visit)) return false;
    } else if (!stops_here || holdsObject(entry.name)) {
      if (!visit(entry.name)) return false;
    }
  }
  return true;
}

bool ObjectWalk::holdsObject(const std::string& directory) {
  std::vector<DirectoryEntry> entries;
  {
    const OwnedFd fd = openBeneath(root_fd_, bucket_ + '/' + directory, O_RDONLY | O_DIRECTORY);
    auto read = fd ? readDirectory(fd.get()) : std::nullopt;
    if (!read) return false;
    entries = std::move(*read);
  }
  const auto holds = [&](const DirectoryEntry& entry) {
    return !entry.is_directory || holdsObject(directory + entry.name + '/');
  };
  return std::any_of(entries.begin(), entries.end(),
                     [](const DirectoryEntry& entry) { return !entry.is_directory; }) ||
         std::any_of(entries.begin(), entries.end(), holds);
}

bool ObjectWalk::concernsDirectory(std::string_view directory) const {
  const std::string_view prefix = wanted_.prefix;
  const std::string_view after = wanted_.after;
  const bool has_prefix = prefix.starts_with(directory) || directory.starts_with(prefix);
  // Otherwise every key in it is before `after`, as the directory itself is.
  const bool is_behind = after < directory || after.starts_with(directory);
  const bool is_excepted = !wanted_.except.empty() && directory.starts_with(wanted_.except);
  return has_prefix && is_behind && !is_excepted;
}

bool ObjectWalk::concernsKey(std::string_view key) const {
  const bool is_excepted = !wanted_.except.empty() && key.starts_with(wanted_.except);
  return key.starts_with(wanted_.prefix) && key > wanted_.after && !is_excepted;
}

}  // namespace glaux::daemon
