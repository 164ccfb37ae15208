#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/s3_error.h"
#include "daemon/error.h"
#include "daemon/http/http_server.h"

namespace glaux::daemon {

class Loop;

/// Reads of S3 objects in path style, GET and HEAD of /<bucket>/<key>, from the directory tree
/// <root>/<bucket>/<key> that executors write.
///
/// An object is what its file is when it is opened: the size at that moment is what is served,
/// while the file may go on growing. Paths are resolved by the kernel beneath the root, through no
/// symbolic link; there is no path out of the tree. Files are opened on the thread pool, a slow
/// disk does not hold up the loop. Conditional headers and single ranges follow RFC 9110, sections
/// 13 and 14; a list of several ranges is answered with the whole object, as S3 does.
class ObjectStore {
 public:
  /// Makes the answer for a refusal. `resource` is the request's path as sent.
  using ErrorRenderer = std::function<HttpResponse(api::S3ErrorCode, std::string_view resource)>;

  /// Whether the object is known although it has no file yet: it is then served empty. (The outputs
  /// of a calculation exist from its first moment.)
  using IsExpected = std::function<bool(std::string_view bucket, std::string_view key)>;

  /// Fails if `root` is not a directory that can be opened.
  [[nodiscard]] static tl::expected<std::unique_ptr<ObjectStore>, Error> open(
      Loop& loop, const std::filesystem::path& root, ErrorRenderer render_error,
      IsExpected is_expected);

  /// Requests under way are answered 500.
  ~ObjectStore();

  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;

  /// Answers any request whose path is /<bucket>/…
  void handle(HttpRequest&& request, Responder responder);

 private:
  struct Impl;
  explicit ObjectStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace glaux::daemon
