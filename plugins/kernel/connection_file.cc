#include "plugins/kernel/connection_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "plugins/protocol/proof.h"

namespace glaux::plugins {

std::string newKernelKey() {
  std::string key;
  for (const char c : randomBytes(kKeySize)) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned char>(c));
    key += digits;
  }
  return key;
}

tl::expected<void, Error> writeConnectionFile(const std::filesystem::path& path,
                                              const KernelConnection& connection) {
  const nlohmann::json json = {{"transport", "ipc"},
                               {"ip", connection.kernel_prefix},
                               {"shell_port", kShellPort},
                               {"iopub_port", kIopubPort},
                               {"control_port", kControlPort},
                               {"stdin_port", kStdinPort},
                               {"hb_port", kHeartbeatPort},
                               {"key", connection.key},
                               {"signature_scheme", "hmac-sha256"}};
  const std::string text = json.dump();
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written) {
    return tl::make_unexpected(
        Error{path.string() + " cannot be written: " + std::strerror(error)});
  }
  return {};
}

void removeSockets(const KernelConnection& connection) {
  for (int port = kShellPort; port <= kHeartbeatPort; ++port) {
    std::error_code was_not_there;
    std::filesystem::remove(connection.client_prefix + "-" + std::to_string(port), was_not_there);
  }
}

}  // namespace glaux::plugins
