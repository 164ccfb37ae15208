#include "daemon/objects/object_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/loop/work_queue.h"
#include "daemon/objects/object_operations.h"
#include "daemon/objects/upload_directory.h"

namespace glaux::daemon {
namespace {

enum class Level { kService, kBucket, kObject };

/// A method of a URL, with a parameter in its query if that makes it another operation.
struct Route {
  Level level;
  std::string_view method;
  std::string_view parameter;
  ObjectReply (*operation)(ObjectTree&, ObjectRequest&);
  bool takes_space = false;
};

// The first row that fits counts.
constexpr std::array kRoutes{
    Route{Level::kService, "GET", "", listBuckets},
    Route{Level::kBucket, "GET", "location", getBucketLocation},
    Route{Level::kBucket, "GET", "", listObjects},
    Route{Level::kBucket, "HEAD", "", headBucket},
    Route{Level::kBucket, "PUT", "", createBucket, true},
    Route{Level::kBucket, "DELETE", "", deleteBucket},
    Route{Level::kBucket, "POST", "delete", deleteObjects},
    Route{Level::kObject, "GET", "uploadId", listParts},
    Route{Level::kObject, "GET", "tagging", getObjectTagging},
    Route{Level::kObject, "GET", "", getObject},
    Route{Level::kObject, "HEAD", "", getObject},
    Route{Level::kObject, "PUT", "uploadId", uploadPart, true},
    Route{Level::kObject, "PUT", "", putObject, true},
    Route{Level::kObject, "DELETE", "uploadId", abortMultipartUpload},
    Route{Level::kObject, "DELETE", "", deleteObject},
    Route{Level::kObject, "POST", "uploads", createMultipartUpload, true},
    Route{Level::kObject, "POST", "uploadId", completeMultipartUpload, true},
};

// Parameters that make a request another operation than one without them: S3's subresources.
constexpr std::string_view kSubresources[] = {"accelerate",
                                              "acl",
                                              "analytics",
                                              "attributes",
                                              "cors",
                                              "encryption",
                                              "intelligent-tiering",
                                              "inventory",
                                              "legal-hold",
                                              "lifecycle",
                                              "logging",
                                              "metrics",
                                              "notification",
                                              "object-lock",
                                              "ownershipControls",
                                              "partNumber",
                                              "policy",
                                              "policyStatus",
                                              "publicAccessBlock",
                                              "renameObject",
                                              "replication",
                                              "requestPayment",
                                              "restore",
                                              "retention",
                                              "select",
                                              "session",
                                              "tagging",
                                              "torrent",
                                              "uploadId",
                                              "uploads",
                                              "versionId",
                                              "versioning",
                                              "versions",
                                              "website"};

Level levelOf(const ObjectPath& path) {
  if (path.bucket.empty() && path.key.empty()) return Level::kService;
  return path.key.empty() ? Level::kBucket : Level::kObject;
}

bool namesSubresource(const QueryParameters& query) {
  return std::any_of(std::begin(kSubresources), std::end(kSubresources),
                     [&](std::string_view parameter) { return query.has(parameter); });
}

tl::expected<const Route*, ObjectError> routeOf(const ObjectRequest& request) {
  const Level level = levelOf(request.path);
  const bool names_subresource = namesSubresource(request.query);
  std::string allowed;
  for (const Route& route : kRoutes) {
    if (route.level != level) continue;
    const bool fits_query =
        route.parameter.empty() ? !names_subresource : request.query.has(route.parameter);
    if (route.method == request.http.method && fits_query) return &route;
    if (allowed.find(route.method) != std::string::npos) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (names_subresource) return refuse(api::S3ErrorCode::kNotImplemented);
  return tl::unexpected(
      ObjectError{api::S3ErrorCode::kMethodNotAllowed, {}, {{"Allow", std::move(allowed)}}});
}

tl::expected<ObjectRequest, ObjectError> parse(HttpRequest&& http) {
  auto path = parseObjectPath(http.path);
  auto query = QueryParameters::parse(http.query);
  if (!path || !query) return refuse(api::S3ErrorCode::kInvalidUri);
  return ObjectRequest{std::move(*path), std::move(*query), std::move(http)};
}

}  // namespace

struct ObjectStore::Impl {
  Impl(Loop& loop, std::shared_ptr<ObjectTree> object_tree, Edges to_daemon)
      : tree(std::move(object_tree)), edges(std::move(to_daemon)), jobs(loop) {}

  HttpResponse render(ObjectReply reply, std::string_view resource) const;
  ObjectReply expectedOr(ObjectReply reply, const Route& route, const ObjectRequest& request) const;

  /// Shared with the jobs on the thread pool.
  std::shared_ptr<ObjectTree> tree;
  Edges edges;
  WorkQueue jobs;
};

HttpResponse ObjectStore::Impl::render(ObjectReply reply, std::string_view resource) const {
  if (reply) {
    reply->headers.emplace_back("x-amz-request-id", edges.new_request_id());
    return std::move(*reply);
  }
  HttpResponse refusal = edges.render_error(reply.error().code, resource, reply.error().message);
  for (auto& header : reply.error().headers) refusal.headers.push_back(std::move(header));
  return refusal;
}

/// An object that is expected is there, empty, before its file is.
ObjectReply ObjectStore::Impl::expectedOr(ObjectReply reply, const Route& route,
                                          const ObjectRequest& request) const {
  const bool is_missing = route.operation == getObject && !reply &&
                          (reply.error().code == api::S3ErrorCode::kNoSuchKey ||
                           reply.error().code == api::S3ErrorCode::kNoSuchBucket);
  if (!is_missing || !edges.is_expected(request.path.bucket, request.path.key)) return reply;
  return serveObject(request, ObjectFile{});
}

ObjectStore::ObjectStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ObjectStore::~ObjectStore() = default;

tl::expected<std::unique_ptr<ObjectStore>, Error> ObjectStore::open(
    Loop& loop, const std::filesystem::path& root, Edges edges) {
  auto tree = ObjectTree::open(root);
  if (!tree) return tl::unexpected(std::move(tree.error()));
  UploadDirectory::removeStale(**tree);
  return std::unique_ptr<ObjectStore>(
      new ObjectStore(std::make_unique<Impl>(loop, std::move(*tree), std::move(edges))));
}

void ObjectStore::handle(HttpRequest&& http, Responder responder) {
  const std::string resource = http.path;
  const auto refuseNow = [&](ObjectError error) {
    responder.send(impl_->render(tl::unexpected(std::move(error)), resource));
  };
  auto parsed = parse(std::move(http));
  if (!parsed) return refuseNow(std::move(parsed.error()));
  auto request = std::make_shared<ObjectRequest>(std::move(*parsed));
  const auto route = routeOf(*request);
  if (!route) return refuseNow(route.error());
  if ((*route)->takes_space) {
    auto reason = impl_->edges.writes_refused();
    if (reason) return refuseNow({api::S3ErrorCode::kServiceUnavailable, std::move(*reason)});
  }
  impl_->jobs.run(
      [tree = impl_->tree, request, route = *route] { return route->operation(*tree, *request); },
      [impl = impl_.get(), request, route = *route,
       responder = std::move(responder)](ObjectReply reply) mutable {
        responder.send(
            impl->render(impl->expectedOr(std::move(reply), *route, *request), request->http.path));
      });
}

}  // namespace glaux::daemon
