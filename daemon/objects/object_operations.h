// The operations of the S3 subset, one function each. They run on the thread pool, several at a
// time, and may take the request apart. What is refused or fails is an ObjectError.
#pragma once

#include <string>

#include "daemon/http/http_message.h"
#include "daemon/objects/object_error.h"
#include "daemon/objects/object_file.h"
#include "daemon/objects/object_path.h"
#include "daemon/objects/object_tree.h"
#include "daemon/objects/query_parameters.h"

namespace glaux::daemon {

struct ObjectRequest {
  ObjectPath path;
  QueryParameters query;
  HttpRequest http;
};

// get_object.cc
/// NoSuchKey or NoSuchBucket if it is missing.
tl::expected<ObjectFile, ObjectError> openForReading(const ObjectTree& tree,
                                                     const ObjectPath& path);
ObjectReply getObject(ObjectTree& tree, ObjectRequest& request);  // and HeadObject
/// The answer to GetObject once the file is open; a file without a descriptor is served empty.
ObjectReply serveObject(const ObjectRequest& request, ObjectFile file);

/// Objects have no tags here, and that is the answer: the AWS CLI asks before it copies.
ObjectReply getObjectTagging(ObjectTree& tree, ObjectRequest& request);

// put_object.cc
ObjectReply putObject(ObjectTree& tree, ObjectRequest& request);  // and CopyObject, by its header

// copy_object.cc
/// The part of the object that x-amz-copy-source, with x-amz-copy-source-range, names: staged, not
/// synced.
struct CopiedSource {
  StagedFile file;
  OwnedFd source;
};
tl::expected<CopiedSource, ObjectError> stageCopySource(ObjectTree& tree,
                                                        const ObjectRequest& request);
ObjectReply copyObject(ObjectTree& tree, ObjectRequest& request);

// delete_objects.cc
ObjectReply deleteObject(ObjectTree& tree, ObjectRequest& request);
ObjectReply deleteObjects(ObjectTree& tree, ObjectRequest& request);

// list_objects.cc: ListObjectsV2, and ListObjects without list-type=2
ObjectReply listObjects(ObjectTree& tree, ObjectRequest& request);

// buckets.cc
ObjectReply listBuckets(ObjectTree& tree, ObjectRequest& request);
ObjectReply headBucket(ObjectTree& tree, ObjectRequest& request);
ObjectReply createBucket(ObjectTree& tree, ObjectRequest& request);
ObjectReply deleteBucket(ObjectTree& tree, ObjectRequest& request);
ObjectReply getBucketLocation(ObjectTree& tree, ObjectRequest& request);

// multipart.cc
ObjectReply createMultipartUpload(ObjectTree& tree, ObjectRequest& request);
ObjectReply uploadPart(ObjectTree& tree, ObjectRequest& request);  // and UploadPartCopy
ObjectReply completeMultipartUpload(ObjectTree& tree, ObjectRequest& request);
ObjectReply abortMultipartUpload(ObjectTree& tree, ObjectRequest& request);
ObjectReply listParts(ObjectTree& tree, ObjectRequest& request);

/// 200 with a document.
inline HttpResponse xmlResponse(std::string document) {
  return {200, {{"Content-Type", "application/xml"}}, std::move(document)};
}

inline WriteCondition writeConditionOf(const HttpRequest& request) {
  return {std::string(request.header("If-Match")), std::string(request.header("If-None-Match"))};
}

}  // namespace glaux::daemon
