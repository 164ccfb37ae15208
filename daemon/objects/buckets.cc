#include "api/s3_responses.h"
#include "daemon/objects/object_operations.h"

namespace glaux::daemon {

ObjectReply listBuckets(ObjectTree& tree, ObjectRequest&) {
  const auto buckets = tree.buckets();
  if (!buckets) return tl::unexpected(buckets.error());
  return xmlResponse(api::encodeS3Buckets(*buckets));
}

ObjectReply headBucket(ObjectTree& tree, ObjectRequest& request) {
  if (!tree.hasBucket(request.path.bucket)) return refuse(api::S3ErrorCode::kNoSuchBucket);
  return HttpResponse{200, {{"Content-Type", "application/xml"}}, {}};
}

// As in S3's oldest region, a bucket that is there already is a success: it is the caller's own.
ObjectReply createBucket(ObjectTree& tree, ObjectRequest& request) {
  const auto made = tree.makeBucket(request.path.bucket);
  if (!made) return tl::unexpected(made.error());
  return HttpResponse{200, {{"Location", "/" + request.path.bucket}}, {}};
}

ObjectReply deleteBucket(ObjectTree& tree, ObjectRequest& request) {
  const auto removed = tree.removeBucket(request.path.bucket);
  if (!removed) return tl::unexpected(removed.error());
  return HttpResponse{204, {}, {}};
}

ObjectReply getBucketLocation(ObjectTree& tree, ObjectRequest& request) {
  if (!tree.hasBucket(request.path.bucket)) return refuse(api::S3ErrorCode::kNoSuchBucket);
  return xmlResponse(api::encodeS3Location());
}

}  // namespace glaux::daemon
