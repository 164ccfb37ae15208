#include "daemon/http/listen_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace glaux::daemon {
namespace {

std::uint16_t boundPort(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

}  // namespace

tl::expected<ListenSocket, Error> openListenSocket(const std::string& host, std::uint16_t port) {
  const std::string service = std::to_string(port);
  const auto failure = [&](const char* reason) {
    return tl::unexpected(Error{"cannot listen on " + host + " port " + service + ": " + reason});
  };

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* resolved = nullptr;
  if (const int result = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &resolved);
      result != 0) {
    return failure(::gai_strerror(result));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address(resolved, &::freeaddrinfo);

  OwnedFd fd(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failure(std::strerror(errno));
  // A restarted daemon must not wait for its old connections to leave TIME_WAIT.
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), address->ai_addr, address->ai_addrlen) < 0 ||
      ::listen(fd.get(), SOMAXCONN) < 0) {
    return failure(std::strerror(errno));
  }
  const std::uint16_t bound_port = boundPort(fd.get());
  return ListenSocket{std::move(fd), bound_port};
}

}  // namespace glaux::daemon
