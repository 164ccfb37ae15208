#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/error.h"
#include "daemon/http/http_message.h"

namespace glaux::daemon {

class Loop;
struct HttpExchange;

/// The right, and the duty, to answer one request. Used on the loop's thread only.
class Responder {
 public:
  Responder(Responder&& other) noexcept;
  Responder& operator=(Responder&& other) noexcept;

  /// Answers 500 if nothing was sent.
  ~Responder();

  /// Answers the request: within the handler or at any later time, once. Does nothing if the client
  /// or the server is gone. Any number of answers released in one turn of the loop leave together
  /// at its end.
  void send(HttpResponse response);

 private:
  friend struct HttpExchange;
  explicit Responder(HttpExchange& exchange);

  /// Null once answered, or when the connection is gone.
  HttpExchange* exchange_ = nullptr;
};

/// Where to listen.
struct ListenAddress {
  /// A numeric IPv4 or IPv6 address, or a name that resolves to one.
  std::string host = "127.0.0.1";
  /// 0 lets the system choose; see HttpServer::port().
  std::uint16_t port = 0;
};

/// What a client may use. Every limit holds for any client at any time, whatever it sends.
struct HttpLimits {
  /// Larger bodies are answered 413, before they are read when Content-Length tells.
  std::size_t max_body_bytes = std::size_t{16} << 20;
  /// For requests that may have more, or less: asked once the headers are in. Empty: the above
  /// holds for all.
  std::function<std::size_t(const HeaderList&)> body_limit = {};
  /// Request line and headers together. Beyond: 431, or 414 for the request line.
  std::size_t max_header_bytes = std::size_t{16} << 10;
  /// Connections beyond this wait in the listen queue.
  unsigned max_connections = 1024;
  /// Connections of one address beyond this are closed at once; 0 for no such limit.
  unsigned max_connections_per_address = 0;
  /// A kept-alive connection without a request, and one that takes nothing of a response, is closed
  /// after this time.
  unsigned idle_timeout_s = 60;
  /// From a request's first line to the end of its body; then the connection is closed. Holds
  /// however steadily the bytes trickle in.
  unsigned request_timeout_s = 30;
};

/// Why a request was refused here and not by the handler.
enum class HttpRejection { kMalformed, kBodyTooLarge, kTimedOut, kNotAnswered };
inline constexpr std::size_t kHttpRejectionCount = 4;

/// Totals since the server started, except `open_connections`.
struct HttpCounters {
  std::uint64_t requests = 0;
  /// Answers by the first digit of their status; index 0 is unused.
  std::array<std::uint64_t, 6> responses_by_class{};
  std::uint64_t request_body_bytes = 0;
  std::uint64_t response_body_bytes = 0;
  std::uint64_t connections = 0;
  std::uint64_t open_connections = 0;
  /// By HttpRejection.
  std::array<std::uint64_t, kHttpRejectionCount> rejected{};
};

/// An HTTP/1.1 server on the daemon's loop: GNU libmicrohttpd, driven through its epoll descriptor,
/// so that requests, the engine and everything else share one thread.
///
/// Pipelined requests of a connection are handled one after the other. Requests whose framing is
/// ambiguous (several Content-Length headers, Content-Length beside Transfer-Encoding, a transfer
/// coding other than chunked) never reach the handler. "Expect: 100-continue" is answered as soon
/// as the headers are in, unless the body is refused.
class HttpServer {
 public:
  /// Called on the loop's thread with each complete request. The Responder may be used at once or
  /// kept.
  using Handler = std::function<void(HttpRequest&&, Responder)>;

  /// Makes the answer to a request the server itself refuses: 400, 413 or 500, with a reason in
  /// English. `path` is the request's, empty if a handler has it already. Requests that
  /// libmicrohttpd cannot parse at all get its own text instead.
  using Rejector =
      std::function<HttpResponse(int status, std::string_view reason, std::string_view path)>;

  /// Binds and listens; requests are taken once the loop runs. Fails if the address cannot be
  /// resolved or bound.
  [[nodiscard]] static tl::expected<std::unique_ptr<HttpServer>, Error> listen(
      Loop& loop, const ListenAddress& address, const HttpLimits& limits, Handler handler,
      Rejector rejector);

  /// Cuts every connection. Responders that are still around become harmless. Not to be destroyed
  /// from within its handler.
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;

  /// Closes the listening socket and the connections without a request; those with one are closed
  /// when it is answered.
  void stopAccepting();

  /// After stopAccepting(): calls `drained` once, from the loop, when the last connection is
  /// closed.
  void whenDrained(std::function<void()> drained);

  const HttpCounters& counters() const;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace glaux::daemon
