#include "daemon/executors/listening.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "daemon/owned_fd.h"

namespace glaux::daemon {

std::optional<std::string> whyNobodyListens(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof(address.sun_path)) return std::strerror(ENAMETOOLONG);
  std::memcpy(address.sun_path, socket.data(), socket.size());
  OwnedFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const bool is_there =
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
      errno == EAGAIN;  // its queue is full
  if (is_there) return std::nullopt;
  return std::strerror(errno);
}

}  // namespace glaux::daemon
