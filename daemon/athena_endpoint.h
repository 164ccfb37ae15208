#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "api/errors.h"
#include "api/operations.h"
#include "daemon/engine.h"
#include "daemon/entropy.h"
#include "daemon/http/http_server.h"
#include "daemon/queries.h"

namespace glaux::daemon {

// The Athena API over HTTP: AWS JSON 1.1, POST / with X-Amz-Target. Turns requests into commands
// for the engine or queries, and their outcome into responses. Signatures are parsed, not verified:
// the access key is who the client says it is.
class AthenaEndpoint {
 public:
  // Which executor and kernel a session would get now.
  using Place =
      std::function<tl::expected<core::Placement, api::Error>(const api::EngineConfiguration&)>;

  // References outlive it, and every request it handles.
  AthenaEndpoint(Engine& engine, const Queries& queries, Entropy& entropy, Place place,
                 bool record_reads)
      : engine_(engine),
        queries_(queries),
        entropy_(entropy),
        place_(std::move(place)),
        record_reads_(record_reads) {}

  void handle(HttpRequest&& request, Responder responder);

  // Whether reading operations leave a record, too.
  void recordReads(bool record_reads) { record_reads_ = record_reads; }

  // By operation name and HTTP status, for the metrics.
  using Counts = std::map<std::pair<std::string, int>, std::uint64_t>;
  const Counts& counts() const { return counts_; }

 private:
  struct Exchange;

  void perform(Exchange exchange, HttpRequest&& request, const api::Operation& operation);
  void answerQuery(Exchange exchange, const api::Request& request, std::string body);
  void submit(Exchange exchange, api::Request request, std::string body);
  core::Command commandOf(api::Request request, const std::string& principal);
  void send(Exchange& exchange, int status, std::string body);
  void sendError(Exchange& exchange, const api::Error& error);

  Engine& engine_;
  const Queries& queries_;
  Entropy& entropy_;
  Place place_;
  bool record_reads_;
  Counts counts_;
};

}  // namespace glaux::daemon
