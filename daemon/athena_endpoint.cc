#include "daemon/athena_endpoint.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>
#include <variant>

#include "api/authorization.h"
#include "api/aws_json.h"
#include "daemon/core/check.h"
#include "daemon/request_id.h"

namespace glaux::daemon {
namespace {

constexpr std::string_view kAmzJson = "application/x-amz-json-1.1";
constexpr std::string_view kPlainJson = "application/json";

// What the service answers to a content type it does not speak.
constexpr std::string_view kUnknownOperationXml = "<UnknownOperationException/>\n";

// The media type without its parameters.
std::string_view mediaType(std::string_view content_type) {
  return content_type.substr(0, content_type.find_first_of("; "));
}

struct EncodeAnswer {
  std::string operator()(std::monostate) const { return "{}"; }
  template <class Response>
  std::string operator()(const Response& response) const {
    return api::encode(response);
  }
};

// The command of a mutating request.
struct CommandOf {
  PreparedRequest& prepared;
  const core::State& state;
  const AthenaEndpoint::Place& place;

  core::Command operator()(api::StartSessionRequest& r) const {
    auto placement = place(state, r);
    return core::StartSession{std::move(r), std::move(placement), prepared.token};
  }
  core::Command operator()(api::TerminateSessionRequest& r) const {
    return core::TerminateSession{std::move(r)};
  }
  core::Command operator()(api::StartCalculationExecutionRequest& r) const {
    return core::StartCalculation{std::move(r), prepared.token, std::move(prepared.content)};
  }
  core::Command operator()(api::StopCalculationExecutionRequest& r) const {
    return core::StopCalculation{std::move(r)};
  }
  core::Command operator()(api::CreateNotebookRequest& r) const {
    return core::CreateNotebook{std::move(r), content(), prepared.token};
  }
  core::Command operator()(api::ImportNotebookRequest& r) const {
    return core::ImportNotebook{std::move(r), content(), prepared.token};
  }
  core::Command operator()(api::UpdateNotebookRequest& r) const {
    return core::UpdateNotebook{std::move(r), content(), prepared.token};
  }
  core::Command operator()(api::UpdateNotebookMetadataRequest& r) const {
    return core::UpdateNotebookMetadata{std::move(r), prepared.token};
  }
  core::Command operator()(api::DeleteNotebookRequest& r) const {
    return core::DeleteNotebook{std::move(r)};
  }
  core::Command operator()(api::CreateWorkGroupRequest& r) const {
    return core::CreateWorkGroup{std::move(r)};
  }
  core::Command operator()(api::UpdateWorkGroupRequest& r) const {
    return core::UpdateWorkGroup{std::move(r)};
  }
  core::Command operator()(api::DeleteWorkGroupRequest& r) const {
    return core::DeleteWorkGroup{std::move(r)};
  }
  core::Command operator()(api::TagResourceRequest& r) const {
    return core::TagResource{std::move(r)};
  }
  core::Command operator()(api::UntagResourceRequest& r) const {
    return core::UntagResource{std::move(r)};
  }
  template <class Reading>
  core::Command operator()(Reading&) const {
    core::check(false, "every mutating operation has its command");
    return core::ReachDeadline{};
  }

  core::Content content() const {
    core::check(prepared.content.has_value(), "a notebook is prepared with its content");
    return std::move(*prepared.content);
  }
};

}  // namespace

// One request on its way through; shared because the engine's replies must be copyable.
struct AthenaEndpoint::Exchange {
  std::shared_ptr<Responder> responder;
  std::string request_id;
  std::string operation;
  std::string principal;
};

void AthenaEndpoint::handle(HttpRequest&& request, Responder responder) {
  Exchange exchange{
      std::make_shared<Responder>(std::move(responder)), newRequestId(entropy_), {}, {}};
  std::string_view type = mediaType(request.header("content-type"));
  if (type != kAmzJson && type != kPlainJson) {
    exchange.responder->send(
        {404,
         {{"Content-Type", "application/xml"}, {"x-amzn-RequestId", exchange.request_id}},
         std::string(kUnknownOperationXml)});
    ++counts_[{"", 404}];
    return;
  }
  const api::Operation* operation = api::findOperation(request.header("x-amz-target"));
  if (operation == nullptr) return sendError(exchange, api::errors::unknownOperation());
  exchange.operation = operation->name;
  auto authorization = api::parseAuthorizationHeader(request.header("authorization"));
  if (!authorization) return sendError(exchange, authorization.error());
  exchange.principal = api::principalOf(*authorization);
  prepare(std::move(exchange), *operation, std::move(request.body));
}

void AthenaEndpoint::prepare(Exchange exchange, const api::Operation& operation, std::string body) {
  if (!isSlowToPrepare(operation, body)) {
    Prepared prepared = prepareRequest(operation, body, exchange.principal, objects_);
    return perform(std::move(exchange), operation, std::move(body), std::move(prepared));
  }
  // The body goes along and comes back, so that it is not copied.
  auto shared = std::make_shared<std::string>(std::move(body));
  pool_.run([shared, &operation, principal = exchange.principal,
             objects = objects_] { return prepareRequest(operation, *shared, principal, objects); },
            [this, shared, &operation, exchange = std::move(exchange)](Prepared prepared) mutable {
              perform(std::move(exchange), operation, std::move(*shared), std::move(prepared));
            });
}

void AthenaEndpoint::perform(Exchange exchange, const api::Operation& operation, std::string body,
                             Prepared prepared) {
  if (!prepared) return sendError(exchange, prepared.error());
  switch (operation.kind) {
    case api::OperationKind::kReading:
      return answerQuery(std::move(exchange), std::move(prepared->request), std::move(body));
    case api::OperationKind::kMutating:
      return submit(std::move(exchange), std::move(*prepared), std::move(body));
  }
}

void AthenaEndpoint::answerQuery(Exchange exchange, api::Request request, std::string body) {
  if (record_reads_)
    engine_.recordRead({core::Source::kApi, exchange.principal, exchange.request_id,
                        exchange.operation, std::move(body)});
  if (!Queries::isSlow(request)) return sendAnswer(exchange, queries_.answer(request));
  pool_.run([this, request = std::move(request)] { return queries_.answer(request); },
            [this, exchange = std::move(exchange)](auto answer) mutable {
              sendAnswer(exchange, std::move(answer));
            });
}

void AthenaEndpoint::submit(Exchange exchange, PreparedRequest prepared, std::string body) {
  Origin origin{core::Source::kApi, exchange.principal, exchange.request_id, exchange.operation,
                std::move(body)};
  origin.request_digest = prepared.body_digest;
  origin.blob = std::move(prepared.blob);
  core::Command command =
      std::visit(CommandOf{prepared, engine_.state(), place_}, prepared.request);
  engine_.submit(std::move(command), std::move(origin),
                 [this, exchange = std::move(exchange)](const core::Verdict& verdict) mutable {
                   if (!verdict) return sendError(exchange, verdict.error());
                   send(exchange, 200, std::visit(EncodeAnswer{}, verdict->answer));
                 });
}

void AthenaEndpoint::sendAnswer(Exchange& exchange, tl::expected<std::string, api::Error> answer) {
  if (!answer) return sendError(exchange, answer.error());
  send(exchange, 200, std::move(*answer));
}

void AthenaEndpoint::send(Exchange& exchange, int status, std::string body) {
  ++counts_[{exchange.operation, status}];
  exchange.responder->send(
      {status,
       {{"Content-Type", std::string(kAmzJson)}, {"x-amzn-RequestId", exchange.request_id}},
       std::move(body)});
}

void AthenaEndpoint::sendError(Exchange& exchange, const api::Error& error) {
  int status = api::httpStatus(error);
  if (status >= 500)
    spdlog::error("{} failed: {} request={}", exchange.operation, error.message,
                  exchange.request_id);
  send(exchange, status, api::encodeError(error));
}

}  // namespace glaux::daemon
