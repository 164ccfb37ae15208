#include "daemon/core/event_codec.h"

#include <utility>

#include "daemon/core/check.h"
#include "daemon/core/stored.h"
#include "daemon/core/stored_events.h"

namespace glaux::core {
namespace {

// Holds nearly every record that carries its request, so that building one allocates nothing.
using Scratch = std::array<std::uint64_t, 512>;

kj::ArrayPtr<capnp::word> words(Scratch& scratch) {
  return {reinterpret_cast<capnp::word*>(scratch.data()), scratch.size()};
}

void writeRequest(const RecordBody& body, stored::Record::Request::Builder out) {
  check(body.request.empty() || !body.request_blob, "a request stands in one place");
  if (body.request_blob) {
    out.setBlob(asData(*body.request_blob));
  } else if (!body.request.empty()) {
    out.setJson(asData(body.request));
  }
}

void readRequest(stored::Record::Request::Reader in, RecordBody& body) {
  switch (in.which()) {
    case stored::Record::Request::NONE:
      return;
    case stored::Record::Request::JSON:
      body.request = fromData(in.getJson());
      return;
    case stored::Record::Request::BLOB:
      body.request_blob = arrayFrom<32>(in.getBlob());
      return;
  }
  KJ_FAIL_REQUIRE("a request in the manner of a later version");
}

void writeRejection(const RejectionText& rejection, stored::Rejection::Builder out) {
  out.setType(asText(rejection.type));
  out.setMessage(asText(rejection.message));
  if (rejection.athena_error_code) out.setAthenaErrorCode(asText(*rejection.athena_error_code));
  if (rejection.resource_name) out.setResourceName(asText(*rejection.resource_name));
  if (rejection.reason) out.setReason(asText(*rejection.reason));
}

RejectionText readRejection(stored::Rejection::Reader in) {
  RejectionText rejection;
  rejection.type = fromText(in.getType());
  rejection.message = fromText(in.getMessage());
  if (in.hasAthenaErrorCode()) rejection.athena_error_code = fromText(in.getAthenaErrorCode());
  if (in.hasResourceName()) rejection.resource_name = fromText(in.getResourceName());
  if (in.hasReason()) rejection.reason = fromText(in.getReason());
  return rejection;
}

void writeOutcome(const RecordBody& body, stored::Record::Outcome::Builder out) {
  if (!body.outcome) {
    writeRejection(body.outcome.error(), out.initRejection());
    return;
  }
  auto events = out.initEvents(static_cast<unsigned>(body.outcome->size()));
  for (unsigned i = 0; i < events.size(); ++i) writeEvent((*body.outcome)[i], events[i]);
}

void readOutcome(stored::Record::Outcome::Reader in, RecordBody& body) {
  switch (in.which()) {
    case stored::Record::Outcome::EVENTS:
      body.outcome->reserve(in.getEvents().size());
      for (auto event : in.getEvents()) body.outcome->push_back(readEvent(event));
      return;
    case stored::Record::Outcome::REJECTION:
      body.outcome = tl::unexpected(readRejection(in.getRejection()));
      return;
  }
  KJ_FAIL_REQUIRE("an outcome in the manner of a later version");
}

}  // namespace

RejectionText rejectionText(const api::Error& error) {
  return {.type = std::string(api::typeName(error.code)),
          .message = error.message,
          .athena_error_code = error.athena_error_code,
          .resource_name = error.resource_name,
          .reason = error.reason};
}

std::string encodeRecord(const RecordBody& body) {
  Scratch scratch{};
  capnp::MallocMessageBuilder message(words(scratch));
  auto record = message.initRoot<stored::Record>();
  record.setSource(sameOrdinal(body.source, stored::Source::DAEMON));
  if (!body.principal.empty()) record.setPrincipal(asText(body.principal));
  if (!body.request_id.empty()) record.setRequestId(asText(body.request_id));
  record.setOperation(asText(body.operation));
  writeRequest(body, record.getRequest());
  writeOutcome(body, record.getOutcome());
  return toBytes(message);
}

tl::expected<RecordBody, std::string> decodeRecord(std::string_view bytes) {
  return decoding([bytes] {
    StoredMessage message(bytes);
    auto record = message.root<stored::Record>();
    RecordBody body;
    body.source = sameOrdinal(record.getSource(), Source::kDaemon);
    body.principal = fromText(record.getPrincipal());
    body.request_id = fromText(record.getRequestId());
    body.operation = fromText(record.getOperation());
    readRequest(record.getRequest(), body);
    readOutcome(record.getOutcome(), body);
    return body;
  });
}

tl::expected<void, std::string> visitEvents(std::string_view bytes,
                                            const std::function<void(const Event&)>& visit) {
  return decoding([bytes, &visit] {
    StoredMessage message(bytes);
    auto outcome = message.root<stored::Record>().getOutcome();
    if (!outcome.isEvents()) return;
    for (auto event : outcome.getEvents()) visit(readEvent(event));
  });
}

}  // namespace glaux::core
