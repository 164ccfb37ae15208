#include <algorithm>

#include "api/s3_requests.h"
#include "api/s3_responses.h"
#include "daemon/objects/object_operations.h"
#include "daemon/objects/request_body.h"
#include "daemon/objects/upload_directory.h"

namespace glaux::daemon {
namespace {

constexpr int kMaxPartNumber = 10'000;
constexpr int kMaxParts = 1000;
/// S3's: of every part but the last.
constexpr std::uint64_t kMinPartBytes = std::uint64_t{5} << 20;

tl::expected<UploadDirectory, ObjectError> uploadOf(const ObjectTree& tree,
                                                    const ObjectRequest& request) {
  return UploadDirectory::open(tree, request.query.value("uploadId"), request.path);
}

tl::expected<StagedFile, ObjectError> stageBody(ObjectTree& tree, ObjectRequest& request) {
  const auto bytes = takeVerifiedBody(request.http);
  if (!bytes) return tl::unexpected(bytes.error());
  auto file = tree.stage();
  if (!file) return file;
  if (auto written = file->append(*bytes); !written) return tl::unexpected(written.error());
  return file;
}

/// The part as it was acknowledged to the client, open.
tl::expected<ObjectFile, ObjectError> openCompletedPart(const UploadDirectory& upload,
                                                        const api::S3CompletedPart& part) {
  auto file = upload.openPart(part.number);
  if (file && entityTagOf(*file) != part.etag) return refuse(api::S3ErrorCode::kInvalidPart);
  return file;
}

tl::expected<void, ObjectError> checkParts(const UploadDirectory& upload,
                                           const std::vector<api::S3CompletedPart>& parts) {
  int last_number = 0;
  for (const api::S3CompletedPart& part : parts) {
    if (part.number <= last_number) return refuse(api::S3ErrorCode::kInvalidPartOrder);
    last_number = part.number;
  }
  for (const api::S3CompletedPart& part : parts) {
    const auto file = openCompletedPart(upload, part);
    if (!file) return tl::unexpected(file.error());
    if (file->size < kMinPartBytes && part.number != last_number) {
      return refuse(api::S3ErrorCode::kEntityTooSmall);
    }
  }
  return {};
}

tl::expected<StagedFile, ObjectError> stageParts(ObjectTree& tree, const UploadDirectory& upload,
                                                 const std::vector<api::S3CompletedPart>& parts) {
  auto whole = tree.stage();
  if (!whole) return whole;
  for (const api::S3CompletedPart& part : parts) {
    const auto file = openCompletedPart(upload, part);
    if (!file) return tl::unexpected(file.error());
    const auto copied = whole->append(file->fd.get(), 0, file->size);
    if (!copied) return tl::unexpected(copied.error());
  }
  const auto finished =
      upload.attributes().store(whole->fd()).and_then([&] { return whole->sync(); });
  if (!finished) return tl::unexpected(finished.error());
  return whole;
}

}  // namespace

ObjectReply createMultipartUpload(ObjectTree& tree, ObjectRequest& request) {
  const auto checked = tree.checkName(request.path);
  if (!checked) return tl::unexpected(checked.error());
  const auto attributes = ObjectAttributes::of(request.http.headers);
  if (!attributes) return tl::unexpected(attributes.error());
  const auto id = UploadDirectory::create(tree, request.path, *attributes);
  if (!id) return tl::unexpected(id.error());
  return xmlResponse(api::encodeS3UploadCreated({request.path.bucket, request.path.key, *id}));
}

ObjectReply uploadPart(ObjectTree& tree, ObjectRequest& request) {
  const auto number = request.query.number("partNumber", 1, 0);
  if (!number || *number < 1 || *number > kMaxPartNumber) {
    return refuse(api::S3ErrorCode::kInvalidArgument,
                  "Part number must be an integer between 1 and 10000, inclusive");
  }
  auto upload = uploadOf(tree, request);
  if (!upload) return tl::unexpected(std::move(upload.error()));
  const bool is_copy = request.http.headers.find("x-amz-copy-source").has_value();
  auto file = is_copy ? stageCopySource(tree, request).map([](CopiedSource&& copy) {
    return std::move(copy.file);
  })
                      : stageBody(tree, request);
  if (!file) return tl::unexpected(std::move(file.error()));
  if (auto synced = file->sync(); !synced) return tl::unexpected(synced.error());
  const auto stored = file->look();
  if (!stored) return tl::unexpected(stored.error());
  if (auto added = upload->add(*file, *number); !added) return tl::unexpected(added.error());
  if (is_copy) {
    return xmlResponse(
        api::encodeS3Copy("CopyPartResult", entityTagOf(*stored), modifiedMs(*stored)));
  }
  return HttpResponse{200, {{"ETag", entityTagOf(*stored)}}, {}};
}

// A failure before the end leaves the parts as they are, so that the client may complete again; so
// does a crash, also one between the object's appearance and the removal of the parts.
ObjectReply completeMultipartUpload(ObjectTree& tree, ObjectRequest& request) {
  const auto upload = uploadOf(tree, request);
  if (!upload) return tl::unexpected(upload.error());
  const auto body = takeVerifiedBody(request.http);
  if (!body) return tl::unexpected(body.error());
  const auto parts = api::parseS3CompletedParts(*body);
  if (!parts) return refuse(api::S3ErrorCode::kMalformedXml);
  if (auto checked = checkParts(*upload, *parts); !checked) {
    return tl::unexpected(checked.error());
  }
  auto whole = stageParts(tree, *upload, *parts);
  if (!whole) return tl::unexpected(std::move(whole.error()));
  const auto stored = whole->look();
  if (!stored) return tl::unexpected(stored.error());
  const auto published = tree.publish(*whole, request.path, writeConditionOf(request.http));
  if (!published) return tl::unexpected(published.error());
  if (auto removed = upload->remove(tree); !removed) return tl::unexpected(removed.error());
  const api::S3UploadName name{request.path.bucket, request.path.key,
                               std::string(request.query.value("uploadId"))};
  return xmlResponse(api::encodeS3UploadCompleted(name, entityTagOf(*stored)));
}

ObjectReply abortMultipartUpload(ObjectTree& tree, ObjectRequest& request) {
  const auto upload = uploadOf(tree, request);
  if (!upload) return tl::unexpected(upload.error());
  if (auto removed = upload->remove(tree); !removed) return tl::unexpected(removed.error());
  return HttpResponse{204, {}, {}};
}

ObjectReply listParts(ObjectTree& tree, ObjectRequest& request) {
  const auto upload = uploadOf(tree, request);
  if (!upload) return tl::unexpected(upload.error());
  const auto marker = request.query.number("part-number-marker", 0, 0);
  const auto max_parts = request.query.number("max-parts", 0, kMaxParts);
  if (!marker || !max_parts) return refuse(api::S3ErrorCode::kInvalidArgument);
  auto parts = upload->parts();
  if (!parts) return tl::unexpected(std::move(parts.error()));

  api::S3PartListing listing;
  listing.upload = {request.path.bucket, request.path.key,
                    std::string(request.query.value("uploadId"))};
  listing.marker = *marker;
  listing.max_parts = std::min(*max_parts, kMaxParts);
  for (const UploadDirectory::Part& part : *parts) {
    if (part.number <= *marker) continue;
    if (listing.parts.size() == static_cast<std::size_t>(listing.max_parts)) {
      listing.is_truncated = listing.max_parts > 0;
      break;
    }
    listing.parts.push_back(
        {part.number, modifiedMs(part.file), entityTagOf(part.file), part.file.size});
  }
  return xmlResponse(api::encodeS3Parts(listing));
}

}  // namespace glaux::daemon
