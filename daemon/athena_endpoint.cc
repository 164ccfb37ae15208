#include "daemon/athena_endpoint.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>
#include <variant>

#include "api/authorization.h"
#include "api/aws_json.h"
#include "api/digest.h"
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

std::string encodeAnswer(const core::Answer& answer) {
  struct Encode {
    std::string operator()(std::monostate) const { return "{}"; }
    std::string operator()(const api::StartSessionResponse& r) const { return api::encode(r); }
    std::string operator()(const api::TerminateSessionResponse& r) const { return api::encode(r); }
    std::string operator()(const api::StartCalculationExecutionResponse& r) const {
      return api::encode(r);
    }
    std::string operator()(const api::StopCalculationExecutionResponse& r) const {
      return api::encode(r);
    }
    std::string operator()(const api::CreateWorkGroupResponse& r) const { return api::encode(r); }
  };
  return std::visit(Encode{}, answer);
}

// Scoped to principal and operation: two users may choose the same token.
std::optional<core::IdempotencyToken> tokenOf(const api::Request& request,
                                              const std::string& principal) {
  auto token = api::clientRequestToken(request);
  if (!token) return std::nullopt;
  std::string scoped = principal + '\0' + std::string(api::operationName(request)) + '\0' + *token;
  return core::IdempotencyToken{api::sha256(scoped),
                                api::sha256(api::parametersForIdempotency(request))};
}

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
  perform(std::move(exchange), std::move(request), *operation);
}

void AthenaEndpoint::perform(Exchange exchange, HttpRequest&& request,
                             const api::Operation& operation) {
  auto decoded = api::decodeRequest(operation, request.body);
  if (!decoded) return sendError(exchange, decoded.error());
  switch (operation.kind) {
    case api::OperationKind::kReading:
      return answerQuery(std::move(exchange), *decoded, std::move(request.body));
    case api::OperationKind::kMutating:
      return submit(std::move(exchange), std::move(*decoded), std::move(request.body));
  }
}

void AthenaEndpoint::answerQuery(Exchange exchange, const api::Request& request, std::string body) {
  if (record_reads_)
    engine_.recordRead({core::Source::kApi, exchange.principal, exchange.request_id,
                        exchange.operation, std::move(body)});
  auto answer = queries_.answer(request);
  if (!answer) return sendError(exchange, answer.error());
  send(exchange, 200, std::move(*answer));
}

void AthenaEndpoint::submit(Exchange exchange, api::Request request, std::string body) {
  Origin origin{core::Source::kApi, exchange.principal, exchange.request_id, exchange.operation,
                std::move(body)};
  core::Command command = commandOf(std::move(request), exchange.principal);
  engine_.submit(std::move(command), std::move(origin),
                 [this, exchange = std::move(exchange)](const core::Verdict& verdict) mutable {
                   if (!verdict) return sendError(exchange, verdict.error());
                   send(exchange, 200, encodeAnswer(verdict->answer));
                 });
}

core::Command AthenaEndpoint::commandOf(api::Request request, const std::string& principal) {
  auto token = tokenOf(request, principal);
  if (auto* r = std::get_if<api::StartSessionRequest>(&request)) {
    auto placement = place_(r->engine_configuration);
    return core::StartSession{std::move(*r), std::move(placement), token};
  }
  if (auto* r = std::get_if<api::TerminateSessionRequest>(&request))
    return core::TerminateSession{std::move(*r)};
  if (auto* r = std::get_if<api::StartCalculationExecutionRequest>(&request))
    return core::StartCalculation{std::move(*r), token};
  if (auto* r = std::get_if<api::StopCalculationExecutionRequest>(&request))
    return core::StopCalculation{std::move(*r)};
  auto* r = std::get_if<api::CreateWorkGroupRequest>(&request);
  core::check(r != nullptr, "every mutating operation has its command");
  return core::CreateWorkGroup{std::move(*r)};
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
