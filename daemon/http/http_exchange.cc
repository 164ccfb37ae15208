#include "daemon/http/http_exchange.h"

#include <utility>

#include "daemon/invariant.h"

namespace glaux::daemon {
namespace {

constexpr HttpRefusal kHeadersTooLarge{431, "the request headers are too large"};
constexpr HttpRefusal kBodyTooLarge{413, "the request body is too large"};

MHD_Result addHeader(void* headers, MHD_ValueKind, const char* name, std::size_t name_size,
                     const char* value, std::size_t value_size) {
  static_cast<HeaderList*>(headers)->add({name, name_size},
                                         value ? std::string_view(value, value_size) : "");
  return MHD_YES;
}

bool headersExceed(MHD_Connection* mhd, std::size_t limit) {
  const MHD_ConnectionInfo* info =
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info != nullptr && info->header_size > limit;
}

/// libmicrohttpd's own form of a response, destroyed after use: libmicrohttpd counts references.
struct DestroyResponse {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using MhdResponse = std::unique_ptr<MHD_Response, DestroyResponse>;

MhdResponse makeResponse(std::string& body) {
  return MhdResponse(
      MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_PERSISTENT));
}

MhdResponse makeResponse(FileBody& body) {
  if (body.length == 0) {
    return MhdResponse(MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT));
  }
  return MhdResponse(
      MHD_create_response_from_fd_at_offset64(body.length, body.fd.release(), body.offset));
}

std::uint64_t sizeOf(const HttpResponse& response) {
  if (const auto* file = std::get_if<FileBody>(&response.body)) return file->length;
  return std::get<std::string>(response.body).size();
}

}  // namespace

HttpExchange::HttpExchange(HttpService& service, HttpConnection& connection_in,
                           std::string_view target)
    : connection(connection_in), service_(service) {
  const std::size_t query_mark = target.find('?');
  request_.path = target.substr(0, query_mark);
  if (query_mark != std::string_view::npos) request_.query = target.substr(query_mark + 1);
  request_.remote_address = connection.remote_address;
  connection.exchange = this;
  ++service_.counters.requests;
}

HttpExchange::~HttpExchange() {
  connection.exchange = nullptr;
  if (responder != nullptr) responder->exchange_ = nullptr;
}

MHD_Result HttpExchange::receive(MHD_Connection* mhd, const char* method, const char* version,
                                 const char* data, std::size_t* size) {
  mhd_ = mhd;
  switch (stage_) {
    case Stage::kHeaders:
      return receiveHeaders(method, version);
    case Stage::kBody:
    case Stage::kDiscarding:
      if (*size > 0) return receiveBody(data, std::exchange(*size, 0));
      return stage_ == Stage::kBody ? handle() : refuse(kBodyTooLarge);
    case Stage::kHandling:
      brokenInvariant("libmicrohttpd went on with a suspended request");
    case Stage::kAnswered:
      return queueResponse();
  }
  brokenInvariant("unknown stage");
}

MHD_Result HttpExchange::receiveHeaders(const char* method, const char* version) {
  request_.method = method;
  MHD_get_connection_values_n(mhd_, MHD_HEADER_KIND, &addHeader, &request_.headers);
  if (headersExceed(mhd_, service_.limits.max_header_bytes)) return refuse(kHeadersTooLarge);
  const HttpLimits& limits = service_.limits;
  max_body_bytes_ = limits.body_limit ? limits.body_limit(request_.headers) : limits.max_body_bytes;
  const RequestFraming framing = readFraming(request_.headers, version, max_body_bytes_);
  if (framing.refusal) return refuse(*framing.refusal);
  request_.body.reserve(framing.content_length);
  stage_ = Stage::kBody;
  return MHD_YES;
}

MHD_Result HttpExchange::receiveBody(const char* data, std::size_t size) {
  const std::size_t limit = max_body_bytes_;
  if (stage_ == Stage::kBody && size <= limit - request_.body.size()) {
    request_.body.append(data, size);
    return MHD_YES;
  }
  // Only a chunked body gets here. libmicrohttpd takes no answer in the middle of a body, so as
  // much as the limit again is read for the client to get its 413; beyond that the connection is
  // cut.
  if (stage_ == Stage::kBody) {
    stage_ = Stage::kDiscarding;
    request_.body = std::string();
  }
  discarded_bytes_ += size;
  if (discarded_bytes_ <= limit) return MHD_YES;
  count(HttpRejection::kBodyTooLarge);
  return MHD_NO;
}

MHD_Result HttpExchange::handle() {
  stage_ = Stage::kHandling;
  service_.counters.request_body_bytes += request_.body.size();
  service_.handler(std::move(request_), Responder(*this));
  if (stage_ == Stage::kAnswered) return queueResponse();
  suspended_ = true;
  MHD_suspend_connection(mhd_);
  return MHD_YES;
}

MHD_Result HttpExchange::refuse(HttpRefusal refusal) {
  // An answer before the end of the request closes the connection: where its body would end is
  // unknown, or not worth waiting for.
  connection.linger = stage_ == Stage::kHeaders;
  count(refusal.status == 413 ? HttpRejection::kBodyTooLarge : HttpRejection::kMalformed);
  stage_ = Stage::kAnswered;
  response_ = service_.rejector(refusal.status, refusal.reason, request_.path);
  response_.headers.emplace_back("Connection", "close");
  return queueResponse();
}

void HttpExchange::answer(HttpResponse response) {
  invariant(stage_ == Stage::kHandling, "a request was answered twice");
  response_ = std::move(response);
  stage_ = Stage::kAnswered;
  if (!suspended_) return;
  suspended_ = false;
  MHD_resume_connection(mhd_);
  service_.run_at_end_of_turn->request();
}

void HttpExchange::answerForgotten() {
  count(HttpRejection::kNotAnswered);
  answer(service_.rejector(500, "the request was not answered", {}));
}

void HttpExchange::abandon() {
  if (responder != nullptr) std::exchange(responder, nullptr)->exchange_ = nullptr;
  if (std::exchange(suspended_, false)) MHD_resume_connection(mhd_);
}

MHD_Result HttpExchange::queueResponse() {
  const std::uint64_t body_bytes = sizeOf(response_);
  const MhdResponse response =
      std::visit([](auto& body) { return makeResponse(body); }, response_.body);
  invariant(response != nullptr, "libmicrohttpd could not make a response");
  for (const auto& [name, value] : response_.headers) {
    if (MHD_add_response_header(response.get(), name.c_str(), value.c_str()) != MHD_YES) {
      brokenInvariant("a response header cannot be sent: " + name);
    }
  }
  if (service_.stopping) MHD_add_response_header(response.get(), "Connection", "close");
  ++service_.counters.responses_by_class[static_cast<std::size_t>(response_.status) / 100 % 6];
  service_.counters.response_body_bytes += body_bytes;
  return MHD_queue_response(mhd_, static_cast<unsigned>(response_.status), response.get());
}

void HttpExchange::count(HttpRejection rejection) {
  ++service_.counters.rejected[static_cast<std::size_t>(rejection)];
}

Responder::Responder(HttpExchange& exchange) : exchange_(&exchange) { exchange.responder = this; }

Responder::Responder(Responder&& other) noexcept
    : exchange_(std::exchange(other.exchange_, nullptr)) {
  if (exchange_ != nullptr) exchange_->responder = this;
}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this == &other) return *this;
  if (exchange_ != nullptr) exchange_->answerForgotten();
  exchange_ = std::exchange(other.exchange_, nullptr);
  if (exchange_ != nullptr) exchange_->responder = this;
  return *this;
}

Responder::~Responder() {
  if (exchange_ == nullptr) return;
  exchange_->responder = nullptr;
  exchange_->answerForgotten();
}

void Responder::send(HttpResponse response) {
  if (exchange_ == nullptr) return;
  HttpExchange& exchange = *std::exchange(exchange_, nullptr);
  exchange.responder = nullptr;
  exchange.answer(std::move(response));
}

}  // namespace glaux::daemon
