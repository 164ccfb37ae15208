#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/objects/object_error.h"

namespace glaux::daemon {

/// Goes through the keys of a bucket in the order of their bytes, reading a directory when it comes
/// to it and none whose keys are not wanted: what it costs is what it visits, and the directories
/// it looks into on the way. No descriptor is open while it visits, whatever the depth.
///
/// Keys that come or go meanwhile are visited or not; all others are visited once, in order.
class ObjectWalk {
 public:
  struct Wanted {
    std::string prefix;
    /// Only keys behind this one.
    std::string after;
    /// Only keys that do not begin with this, unless it is empty.
    std::string except;
    /// A directory below the prefix is visited, as "a/b/", instead of all the keys in it, if there
    /// is one in it. (One that `after` lies in is entered nevertheless.)
    bool stops_at_directories = false;
  };

  ObjectWalk(int root_fd, std::string bucket, Wanted wanted)
      : root_fd_(root_fd), bucket_(std::move(bucket)), wanted_(std::move(wanted)) {}

  /// Called with each key; false ends the walk.
  using Visit = std::function<bool(const std::string& key)>;

  /// Fails if a directory that is there cannot be read.
  [[nodiscard]] tl::expected<void, ObjectError> run(const Visit& visit);

  /// From within a visit: leaves out all further keys that begin with this.
  void leaveOut(std::string prefix) { wanted_.except = std::move(prefix); }

 private:
  /// `directory` is empty or ends with a slash. False if the walk is over.
  bool enter(const std::string& directory, const Visit& visit);
  bool holdsObject(const std::string& directory);
  bool concernsDirectory(std::string_view directory) const;
  bool concernsKey(std::string_view key) const;

  int root_fd_;
  std::string bucket_;
  Wanted wanted_;
  tl::expected<void, ObjectError> result_;
};

}  // namespace glaux::daemon
