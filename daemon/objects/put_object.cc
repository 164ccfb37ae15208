#include "daemon/objects/object_attributes.h"
#include "daemon/objects/object_operations.h"
#include "daemon/objects/request_body.h"

namespace glaux::daemon {

ObjectReply putObject(ObjectTree& tree, ObjectRequest& request) {
  if (request.http.headers.find("x-amz-copy-source")) return copyObject(tree, request);
  if (auto checked = tree.checkName(request.path); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  if (request.http.headers.find("x-amz-tagging")) {
    return refuse(api::S3ErrorCode::kNotImplemented, "Objects have no tags here.");
  }
  const auto attributes = ObjectAttributes::of(request.http.headers);
  if (!attributes) return tl::unexpected(attributes.error());
  const auto bytes = takeVerifiedBody(request.http);
  if (!bytes) return tl::unexpected(bytes.error());

  auto file = tree.stage();
  if (!file) return tl::unexpected(std::move(file.error()));
  const auto written =
      file->append(*bytes).and_then([&] { return attributes->store(file->fd()); }).and_then([&] {
        return file->sync();
      });
  if (!written) return tl::unexpected(written.error());
  const auto stored = file->look();
  if (!stored) return tl::unexpected(stored.error());
  const auto published = tree.publish(*file, request.path, writeConditionOf(request.http));
  if (!published) return tl::unexpected(published.error());
  return HttpResponse{200, {{"ETag", entityTagOf(*stored)}}, {}};
}

}  // namespace glaux::daemon
