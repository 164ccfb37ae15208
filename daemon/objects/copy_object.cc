#include <algorithm>

#include "api/s3_responses.h"
#include "daemon/objects/byte_range.h"
#include "daemon/objects/object_attributes.h"
#include "daemon/objects/object_operations.h"
#include "daemon/objects/preconditions.h"

namespace glaux::daemon {
namespace {

/// "bucket/key", with or without a slash in front, percent-encoded.
tl::expected<ObjectPath, ObjectError> sourceOf(const HttpRequest& http) {
  const std::string_view source = http.header("x-amz-copy-source");
  if (source.find('?') != std::string_view::npos) {
    return refuse(api::S3ErrorCode::kNotImplemented, "There are no versions of objects here.");
  }
  auto path = parseObjectPath(source);
  if (!path || path->key.empty()) {
    return refuse(api::S3ErrorCode::kInvalidArgument, "x-amz-copy-source names no object.");
  }
  return std::move(*path);
}

tl::expected<void, ObjectError> checkSourceCondition(const HttpRequest& http,
                                                     const ObjectFile& source) {
  const std::string tag = entityTagOf(source);
  const auto if_match = http.headers.find("x-amz-copy-source-if-match");
  const auto if_none_match = http.headers.find("x-amz-copy-source-if-none-match");
  if (http.headers.find("x-amz-copy-source-if-modified-since") ||
      http.headers.find("x-amz-copy-source-if-unmodified-since")) {
    return refuse(api::S3ErrorCode::kNotImplemented);
  }
  if ((if_match && !listsTag(*if_match, tag)) || (if_none_match && listsTag(*if_none_match, tag))) {
    return refuse(api::S3ErrorCode::kPreconditionFailed);
  }
  return {};
}

tl::expected<ByteRange, ObjectError> rangeOf(const HttpRequest& http, std::uint64_t size) {
  const auto header = http.headers.find("x-amz-copy-source-range");
  if (!header) return ByteRange{0, size};
  const RangeRequest wanted = parseRange(*header, size);
  if (wanted.kind == RangeRequest::Kind::kPart) return wanted.range;
  return refuse(api::S3ErrorCode::kInvalidRange);
}

bool replacesAttributes(const HttpRequest& http) {
  return equalIgnoringCase(http.header("x-amz-metadata-directive"), "REPLACE");
}

}  // namespace

tl::expected<CopiedSource, ObjectError> stageCopySource(ObjectTree& tree,
                                                        const ObjectRequest& request) {
  const auto path = sourceOf(request.http);
  if (!path) return tl::unexpected(path.error());
  auto source = openForReading(tree, *path);
  if (!source) return tl::unexpected(std::move(source.error()));
  const auto allowed = checkSourceCondition(request.http, *source);
  if (!allowed) return tl::unexpected(allowed.error());
  const auto range = rangeOf(request.http, source->size);
  if (!range) return tl::unexpected(range.error());
  auto file = tree.stage();
  if (!file) return tl::unexpected(std::move(file.error()));
  const auto copied = file->append(source->fd.get(), range->offset, range->length);
  if (!copied) return tl::unexpected(copied.error());
  return CopiedSource{std::move(*file), std::move(source->fd)};
}

ObjectReply copyObject(ObjectTree& tree, ObjectRequest& request) {
  const auto checked = tree.checkName(request.path);
  if (!checked) return tl::unexpected(checked.error());
  const auto source = sourceOf(request.http);
  if (source && *source == request.path && !replacesAttributes(request.http)) {
    return refuse(api::S3ErrorCode::kInvalidRequest,
                  "This copy request is illegal because it is trying to copy an object to itself "
                  "without changing the object's metadata.");
  }
  auto copy = stageCopySource(tree, request);
  if (!copy) return tl::unexpected(std::move(copy.error()));
  const auto attributes = replacesAttributes(request.http)
                              ? ObjectAttributes::of(request.http.headers)
                              : ObjectAttributes::load(copy->source.get());
  if (!attributes) return tl::unexpected(attributes.error());
  const auto written =
      attributes->store(copy->file.fd()).and_then([&] { return copy->file.sync(); });
  if (!written) return tl::unexpected(written.error());
  const auto stored = copy->file.look();
  if (!stored) return tl::unexpected(stored.error());
  const auto published = tree.publish(copy->file, request.path, writeConditionOf(request.http));
  if (!published) return tl::unexpected(published.error());
  return xmlResponse(
      api::encodeS3Copy("CopyObjectResult", entityTagOf(*stored), modifiedMs(*stored)));
}

}  // namespace glaux::daemon
