#pragma once

#include <microhttpd.h>

#include <cstddef>
#include <string_view>

#include "daemon/http/http_connection.h"
#include "daemon/http/http_message.h"
#include "daemon/http/http_server.h"
#include "daemon/http/request_framing.h"
#include "daemon/loop/end_of_turn.h"

namespace glaux::daemon {

/// What the exchanges of a server share.
struct HttpService {
  HttpLimits limits;
  HttpServer::Handler handler;
  HttpServer::Rejector rejector;
  HttpCounters counters;
  /// Set when the server stops: every answer then closes its connection.
  bool stopping = false;
  /// Has libmicrohttpd run at the end of this turn.
  EndOfTurn* run_at_end_of_turn;
};

/// One request and its answer: everything between libmicrohttpd, which calls receive() again and
/// again, and the handler, which sees a whole request and answers it once.
///
///     kHeaders ──► kBody ──► kHandling ──► kAnswered
///         │           └─► kDiscarding ────────▲        body beyond the limit
///         └───────────────────────────────────┘        refused by its headers
struct HttpExchange {
  enum class Stage { kHeaders, kBody, kDiscarding, kHandling, kAnswered };

  HttpExchange(HttpService& service, HttpConnection& connection, std::string_view target);

  /// The client has been answered or is gone. The Responder, if it is still around, is disarmed.
  ~HttpExchange();

  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  /// One call of MHD_AccessHandlerCallback: the first with the headers, then any number with pieces
  /// of the body, the last with `*size` 0; and once more when the connection was suspended and then
  /// resumed with an answer. `connection_stage` is what the connection is to be counted as
  /// afterwards.
  MHD_Result receive(MHD_Connection* mhd, const char* method, const char* version, const char* data,
                     std::size_t* size);

  /// The answer; see Responder::send.
  void answer(HttpResponse response);

  /// The handler let go of its Responder without an answer.
  void answerForgotten();

  /// Gives up on a request that is still being handled, so that libmicrohttpd can be stopped.
  void abandon();

  bool isReceiving() const { return stage_ < Stage::kHandling; }

  HttpConnection& connection;
  Responder* responder = nullptr;

 private:
  MHD_Result receiveHeaders(const char* method, const char* version);
  MHD_Result receiveBody(const char* data, std::size_t size);
  MHD_Result handle();
  MHD_Result refuse(HttpRefusal refusal);
  MHD_Result queueResponse();
  void count(HttpRejection rejection);

  HttpService& service_;
  MHD_Connection* mhd_ = nullptr;
  Stage stage_ = Stage::kHeaders;
  bool suspended_ = false;
  std::size_t max_body_bytes_ = 0;
  std::size_t discarded_bytes_ = 0;
  HttpRequest request_;
  /// Lives until libmicrohttpd has sent it: it is given the body's address, not a copy.
  HttpResponse response_;
};

}  // namespace glaux::daemon
