#include "tests/unit/daemon/http/http_fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "daemon/loop/async.h"

namespace glaux::daemon::test {
namespace {

std::size_t contentLengthOf(std::string_view head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string_view::npos ? 0 : std::strtoul(head.data() + at + 16, nullptr, 10);
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{10, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::readMore() {
  std::array<char, 65536> piece;
  const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) timed_out_ = true;
  if (got <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::readResponse(bool has_body) {
  std::size_t head_end;
  while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!readMore()) return std::exchange(buffer_, {});
  }
  const std::string_view head = std::string_view(buffer_).substr(0, head_end + 2);
  const std::size_t size = head_end + 4 + (has_body ? contentLengthOf(head) : 0);
  while (buffer_.size() < size) {
    if (!readMore()) return std::exchange(buffer_, {});
  }
  std::string response = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return response;
}

std::string RawClient::readAll() {
  while (readMore()) {
  }
  return std::exchange(buffer_, {});
}

void RawClient::shutdownWrite() { ::shutdown(fd_.get(), SHUT_WR); }

std::string bodyOf(const std::string& response) {
  const std::size_t head_end = response.find("\r\n\r\n");
  return head_end == std::string::npos ? std::string() : response.substr(head_end + 4);
}

int statusOf(const std::string& response) {
  return response.starts_with("HTTP/1.1 ") ? std::atoi(response.c_str() + 9) : 0;
}

std::string request(std::string_view method, std::string_view target, std::string_view body,
                    std::string_view extra_headers) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n");
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text.append(extra_headers).append("\r\n").append(body);
  return text;
}

void HttpFixture::TearDown() {
  server_.reset();
  const auto closed = loop_.close();
  EXPECT_TRUE(closed) << closed.error().message;
}

void HttpFixture::start(HttpServer::Handler handler, const HttpLimits& limits) {
  auto server = HttpServer::listen(loop_, {}, limits, std::move(handler),
                                   [](int status, std::string_view reason, std::string_view) {
                                     HttpResponse response;
                                     response.status = status;
                                     response.body = "refused: " + std::string(reason);
                                     return response;
                                   });
  ASSERT_TRUE(server) << server.error().message;
  server_ = std::move(*server);
}

void HttpFixture::runWith(const std::function<void()>& client) {
  Async finished(loop_, [this] { loop_.stop(); });
  std::thread thread([&] {
    client();
    finished.wake();
  });
  loop_.run();
  thread.join();
}

void HttpFixture::echo(HttpRequest&& request, Responder responder) {
  HttpResponse response;
  response.body = request.method + " " + request.path +
                  (request.query.empty() ? "" : "?" + request.query) + " " + request.body;
  responder.send(std::move(response));
}

std::size_t HttpFixture::rejections(const HttpServer& server, HttpRejection reason) {
  return server.counters().rejected[static_cast<std::size_t>(reason)];
}

}  // namespace glaux::daemon::test
