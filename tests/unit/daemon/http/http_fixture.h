#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/http_server.h"
#include "daemon/loop/loop.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon::test {

/// A client that says exactly what a test wants said, over a blocking socket on which nothing takes
/// longer than ten seconds.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);

  /// False if the connection broke.
  bool send(std::string_view bytes);

  /// The next response, status line to body; what came of it if the connection ended before.
  std::string readResponse(bool has_body = true);

  /// Everything until the server closes.
  std::string readAll();

  /// Whether the server closes within the ten seconds, sending nothing more.
  bool isClosedByServer() { return readAll().empty() && !timed_out_; }

  void shutdownWrite();

 private:
  bool readMore();

  OwnedFd fd_;
  std::string buffer_;
  bool timed_out_ = false;
};

std::string bodyOf(const std::string& response);
int statusOf(const std::string& response);

/// "HTTP/1.1" request for `target` with a Host header, a Content-Length if there is a body, and
/// `extra_headers`, each ended by CRLF.
std::string request(std::string_view method, std::string_view target, std::string_view body = {},
                    std::string_view extra_headers = {});

/// A server on the test's loop, and clients on threads of their own. The end of each test asserts
/// that everything the server had registered with the loop is gone.
class HttpFixture : public testing::Test {
 protected:
  void TearDown() override;

  void start(HttpServer::Handler handler, const HttpLimits& limits = {});

  /// Runs the loop until `client`, on another thread, returns.
  void runWith(const std::function<void()>& client);

  /// Answers with the method, target and body it got.
  static void echo(HttpRequest&& request, Responder responder);

  static std::size_t rejections(const HttpServer& server, HttpRejection reason);

  Loop loop_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace glaux::daemon::test
