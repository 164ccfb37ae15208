#include "daemon/http/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <sys/socket.h>

#include <optional>
#include <utility>

#include "daemon/http/http_connection.h"
#include "daemon/http/http_exchange.h"
#include "daemon/http/lingering_close.h"
#include "daemon/http/listen_socket.h"
#include "daemon/invariant.h"
#include "daemon/loop/end_of_turn.h"
#include "daemon/loop/loop.h"
#include "daemon/loop/poll.h"
#include "daemon/loop/timer.h"

namespace glaux::daemon {
namespace {

/// How late a time limit may be noticed.
constexpr std::uint64_t kSweepIntervalMs = 500;

/// libmicrohttpd needs more than one run to resume a connection, call the handler and send; after
/// this many the rest of the loop gets its chance.
constexpr int kMaxRunsPerTurn = 4;

/// What libmicrohttpd's memory pool of a connection holds beside the request's headers: its index
/// of them, the response's headers, and room to read a body in larger pieces.
constexpr std::size_t kPoolBytesBesideHeaders = std::size_t{8} << 10;

std::string numericAddress(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text,
                sizeof text);
  } else if (address->sa_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
                sizeof text);
  }
  return text;
}

HttpConnection& connectionOf(MHD_Connection* mhd) {
  return *static_cast<HttpConnection*>(
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context);
}

}  // namespace

struct HttpServer::Impl {
  Impl(Loop& event_loop, const HttpLimits& limits, Handler handler, Rejector rejector)
      : loop(event_loop),
        end_of_turn(loop, [this] { run(); }),
        service{limits, std::move(handler), std::move(rejector), {}, false, &end_of_turn},
        sweep_timer(loop, [this] { sweep(); }),
        lingering(loop) {}

  ~Impl() {
    poll.reset();
    connections.forEachSince(ConnectionStage::kAnswering, UINT64_MAX,
                             [](HttpConnection& connection) {
                               if (connection.exchange != nullptr) connection.exchange->abandon();
                             });
    stopping_for_good = true;
    if (daemon != nullptr) MHD_stop_daemon(daemon);
  }

  /// Starts libmicrohttpd on a socket, which then belongs to it.
  bool start(OwnedFd listen_socket);

  /// Lets libmicrohttpd do everything that is ready. This may destroy the Impl, through the drained
  /// function.
  void run();

  /// Looks for clients that take too long.
  void sweep();
  void cut(HttpConnection& connection);

  void opened(MHD_Connection* mhd, void** socket_context);
  void closed(HttpConnection& connection);
  HttpExchange* begun(MHD_Connection* mhd, const char* target);
  MHD_Result received(HttpExchange& exchange, MHD_Connection* mhd, const char* method,
                      const char* version, const char* data, std::size_t* size);
  void completed(MHD_Connection* mhd, HttpExchange* exchange);

  void stopAccepting();
  void reportDrained();

  Loop& loop;
  EndOfTurn end_of_turn;
  HttpService service;
  HttpConnections connections;
  Timer sweep_timer;
  LingeringClose lingering;
  std::function<void()> drained;
  std::uint16_t port = 0;
  MHD_Daemon* daemon = nullptr;
  /// The destructor is cutting what is left.
  bool stopping_for_good = false;
  /// Watches libmicrohttpd's epoll descriptor, so it goes before the daemon.
  std::optional<Poll> poll;
};

bool HttpServer::Impl::start(OwnedFd listen_socket) {
  const HttpLimits& limits = service.limits;
  const auto on_access = [](void* self, MHD_Connection* mhd, const char*, const char* method,
                            const char* version, const char* data, std::size_t* size,
                            void** exchange) {
    return static_cast<Impl*>(self)->received(*static_cast<HttpExchange*>(*exchange), mhd, method,
                                              version, data, size);
  };
  const auto on_connection = [](void* self, MHD_Connection* mhd, void** socket_context,
                                MHD_ConnectionNotificationCode what) {
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
      static_cast<Impl*>(self)->opened(mhd, socket_context);
    } else {
      static_cast<Impl*>(self)->closed(*static_cast<HttpConnection*>(*socket_context));
    }
  };
  const auto on_target = [](void* self, const char* target, MHD_Connection* mhd) -> void* {
    return static_cast<Impl*>(self)->begun(mhd, target);
  };
  const auto on_completed = [](void* self, MHD_Connection* mhd, void** exchange,
                               MHD_RequestTerminationCode) {
    static_cast<Impl*>(self)->completed(mhd, static_cast<HttpExchange*>(*exchange));
    *exchange = nullptr;
  };
  // Paths and queries are passed on as they came.
  const auto keep_escapes = [](void*, MHD_Connection*, char* text) {
    return std::char_traits<char>::length(text);
  };

  daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr,
      static_cast<MHD_AccessHandlerCallback>(on_access), this,  //
      MHD_OPTION_LISTEN_SOCKET, listen_socket.get(),            //
      MHD_OPTION_NOTIFY_CONNECTION, static_cast<MHD_NotifyConnectionCallback>(on_connection), this,
      MHD_OPTION_NOTIFY_COMPLETED, static_cast<MHD_RequestCompletedCallback>(on_completed), this,
      MHD_OPTION_URI_LOG_CALLBACK,
      static_cast<void* (*)(void*, const char*, MHD_Connection*)>(on_target), this,
      MHD_OPTION_UNESCAPE_CALLBACK,
      static_cast<std::size_t (*)(void*, MHD_Connection*, char*)>(keep_escapes), nullptr,
      MHD_OPTION_CONNECTION_LIMIT, limits.max_connections,                                    //
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.max_connections_per_address,                 //
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.max_header_bytes + kPoolBytesBesideHeaders,  //
      MHD_OPTION_CONNECTION_TIMEOUT, limits.idle_timeout_s,                                   //
      MHD_OPTION_STRICT_FOR_CLIENT, 1,                                                        //
      // The loop ignores SIGPIPE. Without this promise libmicrohttpd does not use sendfile.
      MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,  //
      MHD_OPTION_END);
  if (daemon == nullptr) return false;
  listen_socket.release();
  poll.emplace(loop, MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
               [this](int) { end_of_turn.request(); });
  poll->start(Poll::kReadable);
  // The first run puts the listening socket into libmicrohttpd's epoll set.
  end_of_turn.request();
  return true;
}

void HttpServer::Impl::run() {
  for (int runs = 0;; ++runs) {
    MHD_run(daemon);
    MHD_UNSIGNED_LONG_LONG next_ms = 0;
    const bool more = MHD_get_timeout(daemon, &next_ms) == MHD_YES && next_ms == 0;
    if (!more) break;
    if (runs == kMaxRunsPerTurn) {
      end_of_turn.request();
      break;
    }
  }
  reportDrained();
}

void HttpServer::Impl::sweep() {
  const std::uint64_t now_ms = loop.nowMs();
  const auto cutOverdue = [&](ConnectionStage stage, unsigned timeout_s) {
    const std::uint64_t timeout_ms = std::uint64_t{timeout_s} * 1000;
    if (now_ms < timeout_ms) return;
    connections.forEachSince(stage, now_ms - timeout_ms, [&](HttpConnection& connection) {
      if (connection.exchange != nullptr) {
        ++service.counters.rejected[static_cast<std::size_t>(HttpRejection::kTimedOut)];
      }
      cut(connection);
    });
  };
  cutOverdue(ConnectionStage::kIdle, service.limits.idle_timeout_s);
  cutOverdue(ConnectionStage::kReceiving, service.limits.request_timeout_s);
  // libmicrohttpd closes connections that take nothing of a response when it is run.
  end_of_turn.request();
  if (connections.empty()) sweep_timer.stop();
}

/// libmicrohttpd has no call to close a connection; the shutdown makes it read the end of the
/// stream and close.
void HttpServer::Impl::cut(HttpConnection& connection) {
  ::shutdown(connection.fd, SHUT_RDWR);
  connections.enter(ConnectionStage::kAnswering, connection, loop.nowMs());
}

void HttpServer::Impl::opened(MHD_Connection* mhd, void** socket_context) {
  const int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  const sockaddr* address =
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
  *socket_context = &connections.open(fd, numericAddress(address), loop.nowMs());
  ++service.counters.connections;
  ++service.counters.open_connections;
  if (!sweep_timer.isActive()) sweep_timer.start(kSweepIntervalMs, kSweepIntervalMs);
}

void HttpServer::Impl::closed(HttpConnection& connection) {
  if (connection.linger && !stopping_for_good) {
    lingering.add(OwnedFd(::fcntl(connection.fd, F_DUPFD_CLOEXEC, 0)));
  }
  connections.close(connection);
  --service.counters.open_connections;
}

HttpExchange* HttpServer::Impl::begun(MHD_Connection* mhd, const char* target) {
  HttpConnection& connection = connectionOf(mhd);
  connections.enter(ConnectionStage::kReceiving, connection, loop.nowMs());
  return new HttpExchange(service, connection, target == nullptr ? "" : target);
}

MHD_Result HttpServer::Impl::received(HttpExchange& exchange, MHD_Connection* mhd,
                                      const char* method, const char* version, const char* data,
                                      std::size_t* size) {
  // The stopped daemon still offers the requests of connections it is about to cut.
  if (stopping_for_good) return MHD_NO;
  const MHD_Result result = exchange.receive(mhd, method, version, data, size);
  if (!exchange.isReceiving() && exchange.connection.stage == ConnectionStage::kReceiving) {
    connections.enter(ConnectionStage::kAnswering, exchange.connection, loop.nowMs());
  }
  return result;
}

void HttpServer::Impl::completed(MHD_Connection* mhd, HttpExchange* exchange) {
  HttpConnection& connection = connectionOf(mhd);
  // libmicrohttpd answered by itself a request it could not parse.
  const bool refused = exchange->isReceiving() &&
                       MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_HTTP_STATUS) != nullptr;
  if (refused) ++service.counters.rejected[static_cast<std::size_t>(HttpRejection::kMalformed)];
  delete exchange;
  if (service.stopping) {
    cut(connection);
  } else {
    connections.enter(ConnectionStage::kIdle, connection, loop.nowMs());
  }
}

void HttpServer::Impl::stopAccepting() {
  if (std::exchange(service.stopping, true)) return;
  if (const int listen_fd = MHD_quiesce_daemon(daemon); listen_fd >= 0) ::close(listen_fd);
  connections.forEachSince(ConnectionStage::kIdle, UINT64_MAX,
                           [this](HttpConnection& connection) { cut(connection); });
  end_of_turn.request();
}

void HttpServer::Impl::reportDrained() {
  if (!service.stopping || !drained || !connections.empty()) return;
  const auto report = std::exchange(drained, nullptr);
  report();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

tl::expected<std::unique_ptr<HttpServer>, Error> HttpServer::listen(Loop& loop,
                                                                    const ListenAddress& address,
                                                                    const HttpLimits& limits,
                                                                    Handler handler,
                                                                    Rejector rejector) {
  auto socket = openListenSocket(address.host, address.port);
  if (!socket) return tl::unexpected(socket.error());
  auto impl = std::make_unique<Impl>(loop, limits, std::move(handler), std::move(rejector));
  impl->port = socket->port;
  if (!impl->start(std::move(socket->fd))) {
    return tl::unexpected(Error{"libmicrohttpd cannot be started on " + address.host + " port " +
                                std::to_string(socket->port)});
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::uint16_t HttpServer::port() const { return impl_->port; }
void HttpServer::stopAccepting() { impl_->stopAccepting(); }

void HttpServer::whenDrained(std::function<void()> drained) {
  impl_->drained = std::move(drained);
  impl_->end_of_turn.request();
}

const HttpCounters& HttpServer::counters() const { return impl_->service.counters; }

}  // namespace glaux::daemon
