#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/entropy.h"
#include "daemon/error.h"

namespace glaux::daemon {

// The keys by which the daemon and its executors know each other, also when the daemon is another
// process by then. Each session has its own, derived from one secret of the state directory, so
// that no key is kept anywhere.
class ExecutorKeys {
 public:
  // Reads `<state_directory>/executor-secret`, 32 bytes that only the owner may read; makes it, on
  // disk for good, if it is not there.
  static tl::expected<ExecutorKeys, Error> open(const std::filesystem::path& state_directory,
                                                Entropy& entropy);

  // 32 bytes: HMAC-SHA256 over the session's id.
  std::string keyOf(std::string_view session_id) const;

  // Names the state directory as long as its secret exists: 16 hexadecimal digits that tell nothing
  // of the secret, and that nobody can make up who does not have it.
  std::string instanceId() const;

 private:
  explicit ExecutorKeys(std::string secret) : secret_(std::move(secret)) {}
  std::string secret_;
};

}  // namespace glaux::daemon
