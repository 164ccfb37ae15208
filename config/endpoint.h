// HOST:PORT, as in the `listen` setting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace glaux::config {

struct Endpoint {
  std::string host;        // an IPv4 or IPv6 address, IPv6 without brackets
  std::uint16_t port = 0;  // 0: let the system choose
  bool operator==(const Endpoint&) const = default;
};

// Takes "127.0.0.1:8420", "[::1]:8420", "localhost:8420" (which is 127.0.0.1). Error: what is
// wrong.
tl::expected<Endpoint, std::string> parseEndpoint(std::string_view text);

// Whether only this machine can reach the host: 127.0.0.0/8 or ::1.
bool isLoopback(const Endpoint& endpoint);

}  // namespace glaux::config
