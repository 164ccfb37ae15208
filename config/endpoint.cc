#include "config/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <optional>

namespace glaux::config {
namespace {

std::optional<std::uint16_t> parsePort(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || rest != end) return std::nullopt;
  return port;
}

bool isAddress(int family, const std::string& text) {
  in6_addr address;
  return inet_pton(family, text.c_str(), &address) == 1;
}

}  // namespace

tl::expected<Endpoint, std::string> parseEndpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return tl::unexpected<std::string>("it has no ':PORT'");
  const auto port = parsePort(text.substr(colon + 1));
  if (!port) return tl::unexpected<std::string>("its port is not a number from 0 to 65535");

  std::string host(text.substr(0, colon));
  if (host == "localhost") return Endpoint{"127.0.0.1", *port};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (isAddress(AF_INET6, host)) return Endpoint{host, *port};
  } else if (isAddress(AF_INET, host)) {
    return Endpoint{host, *port};
  }
  return tl::unexpected<std::string>("its host is neither an IPv4 nor a bracketed IPv6 address");
}

bool isLoopback(const Endpoint& endpoint) {
  in_addr ipv4;
  if (inet_pton(AF_INET, endpoint.host.c_str(), &ipv4) == 1) {
    return (ntohl(ipv4.s_addr) >> 24) == 127;
  }
  in6_addr ipv6;
  return inet_pton(AF_INET6, endpoint.host.c_str(), &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

}  // namespace glaux::config
