#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// The handshake's cryptography, as `Handshake` in executor.capnp defines it.
namespace glaux::plugins {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kNonceSize = 32;

enum class Role { kDaemon, kExecutor };

// What was said in one handshake so far.
struct Nonces {
  std::string caller;
  std::string executor;
};

// That the side in `role` holds the session's key: 32 bytes.
std::string proofOfKey(Role role, std::string_view key, const Nonces& nonces,
                       std::string_view session_id);

// Takes the same time wherever the two differ.
bool equalSecrets(std::string_view left, std::string_view right);

// From the operating system's generator. Ends the process if that has none to give.
std::string randomBytes(std::size_t size);

// HMAC-SHA256 over the parts, one after the other.
std::string hmacSha256(std::string_view key, std::initializer_list<std::string_view> parts);

}  // namespace glaux::plugins
