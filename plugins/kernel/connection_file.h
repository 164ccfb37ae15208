#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "plugins/protocol/error.h"

namespace glaux::plugins {

// Where a kernel listens, over unix sockets: the channel of port n is the socket `<prefix>-<n>`.
// (TCP ports would have to be chosen before the kernel binds them, and anyone may be faster.)
//
// The address of a unix socket holds 107 characters, so the prefix is given twice, relative to the
// directory of whoever uses it.
struct KernelConnection {
  std::string client_prefix;
  std::string kernel_prefix;
  std::string key;  // printable
};

// For a new kernel.
std::string newKernelKey();

// The channels' ports.
enum KernelPort { kShellPort = 1, kIopubPort, kControlPort, kStdinPort, kHeartbeatPort };

// Writes the file a kernel is told of by {connection_file}, mode 0600: it holds the key.
tl::expected<void, Error> writeConnectionFile(const std::filesystem::path& path,
                                              const KernelConnection& connection);

// Removes what an earlier kernel left, so that nobody connects to it before the next one listens.
void removeSockets(const KernelConnection& connection);

}  // namespace glaux::plugins
