#include "daemon/executors/executor_keys.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "daemon/owned_fd.h"
#include "plugins/protocol/proof.h"

namespace glaux::daemon {
namespace {

tl::unexpected<Error> cannot(const char* what, const std::filesystem::path& path) {
  return tl::unexpected(
      Error{std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(errno)});
}

tl::expected<void, Error> syncDirectory(const std::filesystem::path& directory) {
  OwnedFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return cannot("sync", directory);
  return {};
}

// Whole or not at all: a secret that changed would lock out every executor that runs.
tl::expected<void, Error> store(const std::filesystem::path& path, std::string_view secret) {
  std::filesystem::path fresh = path;
  fresh += ".new";
  OwnedFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return cannot("create", fresh);
  if (::write(fd.get(), secret.data(), secret.size()) != static_cast<ssize_t>(secret.size()) ||
      ::fsync(fd.get()) != 0)
    return cannot("write", fresh);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return cannot("create", path);
  return syncDirectory(path.parent_path());
}

}  // namespace

tl::expected<ExecutorKeys, Error> ExecutorKeys::open(const std::filesystem::path& state_directory,
                                                     Entropy& entropy) {
  const std::filesystem::path path = state_directory / "executor-secret";
  if (std::ifstream in(path, std::ios::binary); in) {
    std::string secret{std::istreambuf_iterator<char>(in), {}};
    if (secret.size() == plugins::kKeySize) return ExecutorKeys(std::move(secret));
    return tl::unexpected(Error{path.string() +
                                " is not an executor secret of 32 bytes; restore it, or remove it "
                                "when no executor runs any more"});
  }
  if (std::filesystem::exists(path)) return cannot("read", path);
  std::array<std::uint8_t, plugins::kKeySize> bytes;
  entropy.fill(bytes);
  std::string secret(bytes.begin(), bytes.end());
  if (auto stored = store(path, secret); !stored) return tl::unexpected(std::move(stored.error()));
  return ExecutorKeys(std::move(secret));
}

std::string ExecutorKeys::keyOf(std::string_view session_id) const {
  return plugins::hmacSha256(secret_, {"executor key", session_id});
}

std::string ExecutorKeys::instanceId() const {
  constexpr std::size_t kBytes = 8;
  constexpr const char* kDigits = "0123456789abcdef";
  const std::string code = plugins::hmacSha256(secret_, {"instance"});
  std::string text;
  for (const char byte : code.substr(0, kBytes)) {
    const auto value = static_cast<unsigned char>(byte);
    text += {kDigits[value >> 4], kDigits[value & 15]};
  }
  return text;
}

}  // namespace glaux::daemon
