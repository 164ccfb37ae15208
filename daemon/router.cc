#include "daemon/router.h"

#include <utility>

#include "api/errors.h"
#include "api/s3_error.h"
#include "daemon/request_id.h"

namespace glaux::daemon {
namespace {

HttpResponse text(int status, std::string body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

}  // namespace

void Router::handle(HttpRequest&& request, Responder responder) {
  bool is_read = request.method == "GET" || request.method == "HEAD";
  if (request.path == "/" && !is_read)
    return athena_.handle(std::move(request), std::move(responder));
  if (is_read && request.path == "/healthz") return responder.send(health());
  if (is_read && request.path == "/metrics")
    return responder.send(
        {200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, metrics_()});
  objects_.handle(std::move(request), std::move(responder));
}

HttpResponse Router::health() const {
  if (is_refusing_()) return text(503, "refusing commands: the disk is nearly full\n");
  return text(200, "ok\n");
}

HttpServer::Rejector rejectionRenderer(Entropy& entropy) {
  return [&entropy, of_object = objectErrorRenderer(entropy)](int status, std::string_view reason,
                                                              std::string_view path) {
    if (!path.empty() && path != "/")
      return of_object(
          status == 413 ? api::S3ErrorCode::kEntityTooLarge : api::S3ErrorCode::kInvalidRequest,
          path, reason);
    api::Error error = status == 500 ? api::errors::internal(std::string(reason))
                                     : api::errors::serialization(std::string(reason));
    return HttpResponse{status,
                        {{"Content-Type", "application/x-amz-json-1.1"},
                         {"x-amzn-RequestId", newRequestId(entropy)}},
                        api::encodeError(error)};
  };
}

ObjectStore::ErrorRenderer objectErrorRenderer(Entropy& entropy) {
  return [&entropy](api::S3ErrorCode code, std::string_view resource, std::string_view message) {
    std::string request_id = newRequestId(entropy);
    std::string body = api::encodeS3Error(code, resource, request_id, message);
    return HttpResponse{
        api::httpStatus(code),
        {{"Content-Type", "application/xml"}, {"x-amz-request-id", std::move(request_id)}},
        std::move(body)};
  };
}

}  // namespace glaux::daemon
