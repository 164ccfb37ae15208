#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "plugins/protocol/error.h"

// The two messages that cross descriptor 3 of an executor; `executor.capnp` says when and why.
namespace glaux::plugins {

inline constexpr std::uint32_t kProtocolVersion = 1;

// Of a session, between this executor and a daemon that speaks versions up to `daemons_newest`.
inline std::uint32_t commonVersion(std::uint32_t daemons_newest) {
  return std::min(daemons_newest, kProtocolVersion);
}

// The descriptor an executor finds its lifeline at.
inline constexpr int kLifelineFd = 3;

// Daemon to executor.
struct Bootstrap {
  std::uint32_t protocol_version = kProtocolVersion;
  std::string session_id;
  std::string key;  // 32 random bytes
  std::filesystem::path session_directory;
  std::string coordinator_executor_id;
  std::uint32_t dpus = 1;
  std::map<std::string, std::string> settings;
  std::uint32_t lease_seconds = 0;    // 0: end as soon as the daemon's connection is lost
  std::uint32_t min_free_mib = 0;     // of an output file's disk, not for output
  std::uint32_t kernel_restarts = 0;  // within ten minutes
  bool resume = false;                // takes the place of the session's executor, which died
  std::uint64_t journaled_through = 0;
  std::uint32_t session_dpus = 1;
  std::string instance_id;

  bool operator==(const Bootstrap&) const = default;
};

// Executor to daemon.
struct Greeting {
  std::uint32_t protocol_version = kProtocolVersion;
  std::uint32_t pid = 0;
  std::string refusal;  // not empty: the executor will not serve the session, and why

  bool operator==(const Greeting&) const = default;
};

// Bytes to write to the descriptor in one go; a few hundred, so that they always fit a fresh
// socket's buffer.
std::string encodeBootstrap(const Bootstrap& bootstrap);
std::string encodeGreeting(const Greeting& greeting);

// The whole message as it was written. Errors say what is wrong with it, never repeating the key.
tl::expected<Bootstrap, Error> decodeBootstrap(std::string_view bytes);
tl::expected<Greeting, Error> decodeGreeting(std::string_view bytes);

// Length in bytes of the framed message that `bytes` begins with, or 0 if its table of segments has
// not arrived in full. For reading a message from a stream that stays open behind it.
std::size_t framedMessageSize(std::string_view bytes);

}  // namespace glaux::plugins
