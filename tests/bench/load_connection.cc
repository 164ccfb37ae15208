#include "tests/bench/load_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace glaux::bench {
namespace {

constexpr std::size_t kResponseBytesMax = 64 << 10;
constexpr std::string_view kStatusLine = "HTTP/1.1 ";
constexpr std::string_view kContentLength = "\r\nContent-Length: ";
constexpr std::string_view kEndOfHead = "\r\n\r\n";

int numberAt(std::string_view text, std::size_t position) {
  int number = 0;
  std::from_chars(text.data() + position, text.data() + text.size(), number);
  return number;
}

}  // namespace

void die(std::string_view what) {
  std::fprintf(stderr, "bench_load: %.*s (%s)\n", static_cast<int>(what.size()), what.data(),
               std::strerror(errno));
  std::exit(1);
}

LoadConnection::LoadConnection(int port) : buffer_(kResponseBytesMax, '\0') {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) die("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
  int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

LoadConnection::~LoadConnection() {
  if (fd_ >= 0) ::close(fd_);
}

LoadConnection::LoadConnection(LoadConnection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      sent_at_(other.sent_at_),
      buffer_(std::move(other.buffer_)),
      filled_(other.filled_) {}

void LoadConnection::send(std::string_view request) {
  filled_ = 0;
  sent_at_ = Clock::now();
  if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    die("send");
}

bool LoadConnection::receive(LoadResponse* response) {
  ssize_t got = ::recv(fd_, buffer_.data() + filled_, buffer_.size() - filled_, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return false;
  if (got < 0) die("recv");
  if (got == 0) die("the server closed a connection, or a response is too long");
  filled_ += static_cast<std::size_t>(got);
  return parse(response);
}

bool LoadConnection::parse(LoadResponse* response) {
  std::string_view text(buffer_.data(), filled_);
  std::size_t head_end = text.find(kEndOfHead);
  if (head_end == std::string_view::npos) return false;
  std::size_t length_at = text.find(kContentLength);
  if (!text.starts_with(kStatusLine) || length_at > head_end)
    die("a response without status or Content-Length");
  auto length = static_cast<std::size_t>(numberAt(text, length_at + kContentLength.size()));
  std::size_t body_at = head_end + kEndOfHead.size();
  if (text.size() < body_at + length) return false;
  response->status = numberAt(text, kStatusLine.size());
  response->body = text.substr(body_at, length);
  return true;
}

}  // namespace glaux::bench
