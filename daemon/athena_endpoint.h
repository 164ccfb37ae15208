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
#include "daemon/loop/work_queue.h"
#include "daemon/objects/object_reader.h"
#include "daemon/queries/queries.h"
#include "daemon/request_preparation.h"

namespace glaux::daemon {

// The Athena API over HTTP: AWS JSON 1.1, POST / with X-Amz-Target. Turns requests into commands
// for the engine or queries, and their outcome into responses. What takes more than a moment (large
// bodies, objects, searches) happens on the thread pool. Signatures are parsed, not verified: the
// access key is who the client says it is.
class AthenaEndpoint {
 public:
  // Which executor and kernel a session would get now.
  using Place = std::function<tl::expected<core::Placement, api::Error>(
      const core::State&, const api::StartSessionRequest&)>;

  // References outlive it, and every request it handles.
  AthenaEndpoint(Loop& loop, Engine& engine, const Queries& queries, ObjectReader objects,
                 Entropy& entropy, Place place, bool record_reads)
      : engine_(engine),
        queries_(queries),
        objects_(std::move(objects)),
        entropy_(entropy),
        place_(std::move(place)),
        record_reads_(record_reads),
        pool_(loop) {}

  void handle(HttpRequest&& request, Responder responder);

  // Whether reading operations leave a record, too.
  void recordReads(bool record_reads) { record_reads_ = record_reads; }

  // By operation name and HTTP status, for the metrics.
  using Counts = std::map<std::pair<std::string, int>, std::uint64_t>;
  const Counts& counts() const { return counts_; }

 private:
  struct Exchange;

  using Prepared = tl::expected<PreparedRequest, api::Error>;

  void prepare(Exchange exchange, const api::Operation& operation, std::string body);
  void perform(Exchange exchange, const api::Operation& operation, std::string body,
               Prepared prepared);
  void answerQuery(Exchange exchange, api::Request request, std::string body);
  void submit(Exchange exchange, PreparedRequest prepared, std::string body);
  void sendAnswer(Exchange& exchange, tl::expected<std::string, api::Error> answer);
  void send(Exchange& exchange, int status, std::string body);
  void sendError(Exchange& exchange, const api::Error& error);

  Engine& engine_;
  const Queries& queries_;
  ObjectReader objects_;
  Entropy& entropy_;
  Place place_;
  bool record_reads_;
  Counts counts_;
  WorkQueue pool_;
};

}  // namespace glaux::daemon
