#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/s3_error.h"
#include "daemon/error.h"
#include "daemon/http/http_server.h"

namespace glaux::daemon {

class Loop;

/// The S3 subset, in path style, over the directory tree <root>/<bucket>/<key> that executors write
/// their output into: ListBuckets; Create-, Head- and DeleteBucket, GetBucketLocation, ListObjects
/// and ListObjectsV2; Get-, Head-, Put-, Copy- and DeleteObject, DeleteObjects; multipart uploads.
/// (object_operations.h; how objects become files: object_tree.h)
///
/// An object is what its file is when it is opened: the size at that moment is what is served,
/// while the file may go on growing. What a write acknowledges is on the disk. Paths are resolved
/// by the kernel beneath the root, through no symbolic link; there is no path out of the tree.
/// Everything that touches the disk runs on the thread pool, a slow one does not hold up the loop.
/// If-Match, If-None-Match and single ranges follow RFC 9110, sections 13 and 14; a list of several
/// ranges is answered with the whole object, as S3 does.
class ObjectStore {
 public:
  /// Makes the answer for a refusal. `resource` is the request's path as sent; an empty message
  /// stands for S3's own.
  using ErrorRenderer = std::function<HttpResponse(api::S3ErrorCode, std::string_view resource,
                                                   std::string_view message)>;

  /// Whether the object is known although it has no file yet: it is then served empty. (The outputs
  /// of a calculation exist from its first moment.)
  using IsExpected = std::function<bool(std::string_view bucket, std::string_view key)>;

  /// Why nothing that needs space is taken at the moment, for the client; nullopt if it is. Asked
  /// for each such request.
  using WritesRefused = std::function<std::optional<std::string>()>;

  /// Names a request, for clients to quote: the x-amz-request-id of what is not a refusal.
  using NewRequestId = std::function<std::string()>;

  /// What the store asks of the rest of the daemon.
  struct Edges {
    ErrorRenderer render_error;
    IsExpected is_expected;
    WritesRefused writes_refused;
    NewRequestId new_request_id;
  };

  /// Fails if `root` is not a directory that can be opened and written in.
  [[nodiscard]] static tl::expected<std::unique_ptr<ObjectStore>, Error> open(
      Loop& loop, const std::filesystem::path& root, Edges edges);

  /// Requests under way are answered 500; what they began on the disk may still happen.
  ~ObjectStore();

  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;

  /// Answers any request whose path is / or /<bucket>/…
  void handle(HttpRequest&& request, Responder responder);

 private:
  struct Impl;
  explicit ObjectStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace glaux::daemon
