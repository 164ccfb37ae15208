#include "config/endpoint.h"

#include <gtest/gtest.h>

namespace glaux::config {
namespace {

TEST(Endpoint, ReadsAddressesAndPorts) {
  EXPECT_EQ(parseEndpoint("127.0.0.1:8420"), (Endpoint{"127.0.0.1", 8420}));
  EXPECT_EQ(parseEndpoint("0.0.0.0:0"), (Endpoint{"0.0.0.0", 0}));
  EXPECT_EQ(parseEndpoint("[::1]:65535"), (Endpoint{"::1", 65535}));
  EXPECT_EQ(parseEndpoint("[fe80::1]:1"), (Endpoint{"fe80::1", 1}));
  EXPECT_EQ(parseEndpoint("localhost:1"), (Endpoint{"127.0.0.1", 1}));
}

TEST(Endpoint, RefusesWhatIsNone) {
  for (const char* text :
       {"", ":", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:1x",
        "127.0.0.256:1", "::1:1", "[::1]", "[]:1", "[127.0.0.1]:1", "host:1", " 127.0.0.1:1"}) {
    EXPECT_FALSE(parseEndpoint(text)) << text;
  }
}

TEST(Endpoint, KnowsTheLoopback) {
  EXPECT_TRUE(isLoopback({"127.0.0.1", 1}));
  EXPECT_TRUE(isLoopback({"127.255.0.1", 1}));
  EXPECT_TRUE(isLoopback({"::1", 1}));
  EXPECT_FALSE(isLoopback({"128.0.0.1", 1}));
  EXPECT_FALSE(isLoopback({"0.0.0.0", 1}));
  EXPECT_FALSE(isLoopback({"::", 1}));
  EXPECT_FALSE(isLoopback({"::ffff:127.0.0.1", 1}));
}

}  // namespace
}  // namespace glaux::config
