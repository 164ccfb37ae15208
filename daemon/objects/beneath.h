#pragma once

#include <string>

#include "daemon/owned_fd.h"

namespace glaux::daemon {

/// Opens a path relative to a directory with openat2(2): following no symbolic link, leaving the
/// directory on no path. `flags` as for open(2); nothing is created, and O_CLOEXEC, O_NOCTTY and
/// O_NONBLOCK (a FIFO must not wait for a writer) are added. Without a descriptor errno says why.
OwnedFd openBeneath(int root_fd, const std::string& path, int flags);

/// Whether errno's value, after openBeneath(), means that there is no such file in the tree.
bool meansMissing(int error);

}  // namespace glaux::daemon
