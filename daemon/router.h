#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "daemon/athena_endpoint.h"
#include "daemon/entropy.h"
#include "daemon/http/http_server.h"
#include "daemon/objects/object_store.h"

namespace glaux::daemon {

// Which part of the daemon answers a request: POST / the Athena API, GET /healthz and /metrics the
// operator, GET / (the list of buckets) and any other path the objects.
class Router {
 public:
  Router(AthenaEndpoint& athena, ObjectStore& objects, std::function<std::string()> metrics,
         std::function<bool()> is_refusing)
      : athena_(athena),
        objects_(objects),
        metrics_(std::move(metrics)),
        is_refusing_(std::move(is_refusing)) {}

  void handle(HttpRequest&& request, Responder responder);

 private:
  HttpResponse health() const;

  AthenaEndpoint& athena_;
  ObjectStore& objects_;
  std::function<std::string()> metrics_;
  std::function<bool()> is_refusing_;
};

// What the HTTP server refuses itself, in the form of the API or, by the path, of S3, and S3's
// errors; each with a request id.
// `entropy` outlives the renderers.
HttpServer::Rejector rejectionRenderer(Entropy& entropy);
ObjectStore::ErrorRenderer objectErrorRenderer(Entropy& entropy);

}  // namespace glaux::daemon
