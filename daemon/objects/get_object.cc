#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "api/s3_responses.h"
#include "daemon/objects/byte_range.h"
#include "daemon/objects/object_attributes.h"
#include "daemon/objects/object_operations.h"
#include "daemon/objects/preconditions.h"

namespace glaux::daemon {
namespace {

struct ContentType {
  std::string_view name_end;
  std::string_view type;
};

constexpr std::array kContentTypes{
    ContentType{"stdout", "text/plain; charset=utf-8"},
    ContentType{"stderr", "text/plain; charset=utf-8"},
    ContentType{".txt", "text/plain; charset=utf-8"},
    ContentType{".log", "text/plain; charset=utf-8"},
    ContentType{".csv", "text/csv"},
    ContentType{".json", "application/json"},
    ContentType{".html", "text/html; charset=utf-8"},
    ContentType{".png", "image/png"},
};

/// S3's own default for objects stored without a type.
constexpr std::string_view kDefaultContentType = "binary/octet-stream";

std::string_view contentTypeOf(std::string_view key) {
  const auto* match =
      std::find_if(kContentTypes.begin(), kContentTypes.end(),
                   [&](const ContentType& type) { return key.ends_with(type.name_end); });
  return match == kContentTypes.end() ? kDefaultContentType : match->type;
}

/// RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string httpDate(std::time_t time) {
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

}  // namespace

tl::expected<ObjectFile, ObjectError> openForReading(const ObjectTree& tree,
                                                     const ObjectPath& path) {
  auto file = openObjectFile(tree.root(), path);
  if (file) return std::move(*file);
  if (file.error() == OpenFailure::kFailed) return systemFailure(errno, "Opening the object");
  return refuse(tree.hasBucket(path.bucket) ? api::S3ErrorCode::kNoSuchKey
                                            : api::S3ErrorCode::kNoSuchBucket);
}

ObjectReply getObject(ObjectTree& tree, ObjectRequest& request) {
  auto file = openForReading(tree, request.path);
  if (!file) return tl::unexpected(std::move(file.error()));
  return serveObject(request, std::move(*file));
}

ObjectReply getObjectTagging(ObjectTree& tree, ObjectRequest& request) {
  const auto file = openForReading(tree, request.path);
  if (!file) return tl::unexpected(file.error());
  return xmlResponse(api::encodeS3NoTags());
}

ObjectReply serveObject(const ObjectRequest& request, ObjectFile file) {
  const HttpRequest& http = request.http;
  const std::string tag = entityTagOf(file);
  const auto if_match = http.headers.find("If-Match");
  if (if_match && !listsTag(*if_match, tag)) return refuse(api::S3ErrorCode::kPreconditionFailed);

  HttpResponse response;
  response.headers.emplace_back("ETag", tag);
  if (file.fd) response.headers.emplace_back("Last-Modified", httpDate(file.modified.tv_sec));
  const auto if_none_match = http.headers.find("If-None-Match");
  if (if_none_match && listsTag(*if_none_match, tag)) {
    response.status = 304;
    return response;
  }

  const auto if_range = http.headers.find("If-Range");
  const bool whole = if_range && *if_range != tag;
  const RangeRequest wanted = whole ? RangeRequest{} : parseRange(http.header("Range"), file.size);
  if (wanted.kind == RangeRequest::Kind::kUnsatisfiable) {
    return tl::unexpected(ObjectError{api::S3ErrorCode::kInvalidRange,
                                      {},
                                      {{"Content-Range", "bytes */" + std::to_string(file.size)}}});
  }

  ByteRange range{0, file.size};
  if (wanted.kind == RangeRequest::Kind::kPart) {
    range = wanted.range;
    response.status = 206;
    response.headers.emplace_back("Content-Range",
                                  "bytes " + std::to_string(range.offset) + "-" +
                                      std::to_string(range.offset + range.length - 1) + "/" +
                                      std::to_string(file.size));
  }
  response.headers.emplace_back("Accept-Ranges", "bytes");
  const ObjectAttributes attributes =
      file.fd ? ObjectAttributes::load(file.fd.get()) : ObjectAttributes();
  if (!attributes.has("Content-Type")) {
    response.headers.emplace_back("Content-Type", contentTypeOf(request.path.key));
  }
  for (const auto& header : attributes.headers()) response.headers.push_back(header);
  response.body = FileBody{std::move(file.fd), range.offset, range.length};
  return response;
}

}  // namespace glaux::daemon
