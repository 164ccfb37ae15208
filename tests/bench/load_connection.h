#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace glaux::bench {

using Clock = std::chrono::steady_clock;

// A response, as far as a load generator wants to know it. `body` is valid until the connection is
// used again.
struct LoadResponse {
  int status = 0;
  std::string_view body;
};

// One keep-alive HTTP/1.1 connection with one request under way at a time. Requests are bytes made
// beforehand, so that the generator costs as little as possible of a processor it shares with the
// server. Ends the process on any failure: a measurement with failures is none.
class LoadConnection {
 public:
  // Connects to 127.0.0.1.
  explicit LoadConnection(int port);
  ~LoadConnection();
  LoadConnection(LoadConnection&& other) noexcept;
  LoadConnection& operator=(LoadConnection&&) = delete;

  int fd() const { return fd_; }
  Clock::time_point sentAt() const { return sent_at_; }

  // Precondition: no response is awaited. The request fits the socket's buffer.
  void send(std::string_view request);

  // Reads what has come. True once the response is complete.
  bool receive(LoadResponse* response);

 private:
  bool parse(LoadResponse* response);

  int fd_ = -1;
  Clock::time_point sent_at_;
  std::string buffer_;
  std::size_t filled_ = 0;
};

// Says what failed, with errno's text if there is one, and ends the process.
[[noreturn]] void die(std::string_view what);

}  // namespace glaux::bench
