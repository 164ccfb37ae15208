#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>

struct MHD_Connection;

namespace glaux::daemon {

struct HttpExchange;

/// What is expected of the client on a connection.
enum class ConnectionStage {
  kIdle,       // a request line, or the rest of one
  kReceiving,  // the rest of a request
  kAnswering,  // nothing: the answer is ours to make, or libmicrohttpd watches it being taken
};

/// One client connection, from accept to close.
struct HttpConnection {
  int fd;
  std::string remote_address;
  /// The request being received or answered; null between requests.
  HttpExchange* exchange = nullptr;
  /// Set when the connection is closed before its request is read to the end; see LingeringClose.
  bool linger = false;

  ConnectionStage stage = ConnectionStage::kIdle;
  /// When the connection entered its stage, on the loop's clock.
  std::uint64_t since_ms = 0;
  std::list<HttpConnection>::iterator self;
};

/// The open connections by stage, each list in the order in which its connections entered it: as a
/// stage has one time limit, the first of a list is always the next to exceed it. Moving a
/// connection allocates nothing.
class HttpConnections {
 public:
  HttpConnection& open(int fd, std::string remote_address, std::uint64_t now_ms);
  void close(HttpConnection& connection);
  void enter(ConnectionStage stage, HttpConnection& connection, std::uint64_t now_ms);

  bool empty() const;

  /// Calls `visit` with each connection that has been in `stage` since `since_ms` or longer. It may
  /// move that connection to another stage.
  template <class Visit>
  void forEachSince(ConnectionStage stage, std::uint64_t since_ms, Visit visit) {
    auto& list = in(stage);
    for (auto next = list.begin(); next != list.end() && next->since_ms <= since_ms;) {
      visit(*next++);
    }
  }

 private:
  std::list<HttpConnection>& in(ConnectionStage stage) {
    return lists_[static_cast<std::size_t>(stage)];
  }

  std::array<std::list<HttpConnection>, 3> lists_;
};

}  // namespace glaux::daemon
