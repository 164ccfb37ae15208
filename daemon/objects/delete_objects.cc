#include "api/s3_requests.h"
#include "api/s3_responses.h"
#include "daemon/objects/object_operations.h"
#include "daemon/objects/request_body.h"

namespace glaux::daemon {

ObjectReply deleteObject(ObjectTree& tree, ObjectRequest& request) {
  if (!tree.hasBucket(request.path.bucket)) return refuse(api::S3ErrorCode::kNoSuchBucket);
  const auto removed = tree.remove(request.path.bucket, {request.path.key});
  if (!removed.front()) return tl::unexpected(removed.front().error());
  return HttpResponse{204, {}, {}};
}

ObjectReply deleteObjects(ObjectTree& tree, ObjectRequest& request) {
  if (!tree.hasBucket(request.path.bucket)) return refuse(api::S3ErrorCode::kNoSuchBucket);
  const auto body = takeVerifiedBody(request.http);
  if (!body) return tl::unexpected(body.error());
  const auto wanted = api::parseS3Delete(*body);
  if (!wanted) return refuse(api::S3ErrorCode::kMalformedXml);

  std::vector<std::string> keys;
  api::S3DeleteResult result;
  for (const auto& object : wanted->objects) {
    if (object.version_id.empty() || object.version_id == "null") {
      keys.push_back(object.key);
    } else {
      result.failures.push_back({object.key, api::S3ErrorCode::kNotImplemented,
                                 "There are no versions of objects here."});
    }
  }
  const auto removed = tree.remove(request.path.bucket, keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!removed[i]) {
      result.failures.push_back({keys[i], removed[i].error().code, removed[i].error().message});
    } else if (!wanted->quiet) {
      result.deleted.push_back(keys[i]);
    }
  }
  return xmlResponse(api::encodeS3DeleteResult(result));
}

}  // namespace glaux::daemon
