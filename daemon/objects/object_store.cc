#include "daemon/objects/object_store.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/loop/work_queue.h"
#include "daemon/objects/byte_range.h"
#include "daemon/objects/object_file.h"
#include "daemon/objects/object_path.h"

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

/// Query parameters that make a GET of an object's URL another operation than GetObject.
constexpr std::array<std::string_view, 8> kSubresources{
    "acl", "attributes", "legal-hold", "retention", "tagging", "torrent", "uploadId", "versionId"};

bool namesSubresource(std::string_view query) {
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    const std::string_view name = parameter.substr(0, parameter.find('='));
    if (std::find(kSubresources.begin(), kSubresources.end(), name) != kSubresources.end()) {
      return true;
    }
    query.remove_prefix(std::min(query.size(), parameter.size() + 1));
  }
  return false;
}

/// RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string httpDate(std::time_t time) {
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

/// Whether a list of entity tags, as in If-Match, names this one. Comparison is weak: tags that
/// differ in their weakness only are the same.
bool listsTag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    const std::size_t begin = item.find_first_not_of(" \t");
    item = begin == std::string_view::npos ? std::string_view{} : item.substr(begin);
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == "*" || item == tag) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

/// What a reply depends on of the request, once the file is open.
struct ObjectRequest {
  ObjectPath path;
  HttpRequest http;
};

}  // namespace

struct ObjectStore::Impl {
  Impl(Loop& loop, OwnedFd root_fd, ErrorRenderer renderer, IsExpected expected)
      : root(std::make_shared<const OwnedFd>(std::move(root_fd))),
        render_error(std::move(renderer)),
        is_expected(std::move(expected)),
        files(loop) {}

  HttpResponse reply(const ObjectRequest& request,
                     tl::expected<ObjectFile, OpenFailure> opened) const;
  HttpResponse serve(const ObjectRequest& request, ObjectFile file) const;

  /// Shared with the jobs on the thread pool, which may outlive the store by a moment.
  std::shared_ptr<const OwnedFd> root;
  ErrorRenderer render_error;
  IsExpected is_expected;
  WorkQueue files;
};

HttpResponse ObjectStore::Impl::reply(const ObjectRequest& request,
                                      tl::expected<ObjectFile, OpenFailure> opened) const {
  if (opened) return serve(request, std::move(*opened));
  if (opened.error() == OpenFailure::kFailed) {
    return render_error(api::S3ErrorCode::kInternalError, request.http.path);
  }
  if (is_expected(request.path.bucket, request.path.key)) return serve(request, ObjectFile{});
  return render_error(api::S3ErrorCode::kNoSuchKey, request.http.path);
}

HttpResponse ObjectStore::Impl::serve(const ObjectRequest& request, ObjectFile file) const {
  const HttpRequest& http = request.http;
  const std::string tag = entityTagOf(file);
  const auto if_match = http.headers.find("If-Match");
  if (if_match && !listsTag(*if_match, tag)) {
    return render_error(api::S3ErrorCode::kPreconditionFailed, http.path);
  }

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
    HttpResponse refusal = render_error(api::S3ErrorCode::kInvalidRange, http.path);
    refusal.headers.emplace_back("Content-Range", "bytes */" + std::to_string(file.size));
    return refusal;
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
  response.headers.emplace_back("Content-Type", contentTypeOf(request.path.key));
  response.body = FileBody{std::move(file.fd), range.offset, range.length};
  return response;
}

ObjectStore::ObjectStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ObjectStore::~ObjectStore() = default;

tl::expected<std::unique_ptr<ObjectStore>, Error> ObjectStore::open(
    Loop& loop, const std::filesystem::path& root, ErrorRenderer render_error,
    IsExpected is_expected) {
  OwnedFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    return tl::unexpected(
        Error{"cannot open the objects directory " + root.string() + ": " + std::strerror(errno)});
  }
  return std::unique_ptr<ObjectStore>(new ObjectStore(std::make_unique<Impl>(
      loop, std::move(fd), std::move(render_error), std::move(is_expected))));
}

void ObjectStore::handle(HttpRequest&& request, Responder responder) {
  const auto refuse = [&](api::S3ErrorCode error) {
    return impl_->render_error(error, request.path);
  };
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse refusal = refuse(api::S3ErrorCode::kMethodNotAllowed);
    refusal.headers.emplace_back("Allow", "GET, HEAD");
    return responder.send(std::move(refusal));
  }
  auto path = parseObjectPath(request.path);
  if (!path) return responder.send(refuse(api::S3ErrorCode::kInvalidUri));
  if (path->key.empty() || namesSubresource(request.query)) {
    return responder.send(refuse(api::S3ErrorCode::kNotImplemented));
  }

  ObjectPath to_open = *path;
  impl_->files.run(
      [root = impl_->root, to_open = std::move(to_open)] {
        return openObjectFile(root->get(), to_open);
      },
      [impl = impl_.get(), object = ObjectRequest{std::move(*path), std::move(request)},
       responder = std::move(responder)](tl::expected<ObjectFile, OpenFailure> opened) mutable {
        responder.send(impl->reply(object, std::move(opened)));
      });
}

}  // namespace glaux::daemon
