#include "daemon/objects/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace glaux::daemon {

OwnedFd openBeneath(int root_fd, const std::string& path, int flags) {
  open_how how{};
  // openat2(2) refuses beside O_PATH what O_PATH would ignore.
  const bool is_name_only = (flags & O_PATH) != 0;
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC) |
              (is_name_only ? std::uint64_t{0} : std::uint64_t{O_NONBLOCK | O_NOCTTY});
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  while (true) {
    const long fd = ::syscall(SYS_openat2, root_fd, path.c_str(), &how, sizeof how);
    // EAGAIN: a rename elsewhere in the tree made it impossible to be sure; openat2(2) says to
    // retry.
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return OwnedFd(static_cast<int>(fd));
  }
}

bool meansMissing(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV ||
         error == ENAMETOOLONG || error == ENXIO;
}

}  // namespace glaux::daemon
