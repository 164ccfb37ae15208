#include "api/page_token.h"

#include <gtest/gtest.h>

namespace glaux::api {
namespace {

TEST(PageToken, CarriesAnyPosition) {
  for (std::size_t length = 0; length <= 512; ++length) {
    std::string position;
    for (std::size_t i = 0; i < length; ++i) position += static_cast<char>(i * 37 + length);
    const std::string token = encodePageToken("ListSessions", "w", position);
    EXPECT_LE(token.size(), 1024u);
    ASSERT_EQ(decodePageToken("ListSessions", "w", token), position) << length;
  }
}

TEST(PageToken, IsBoundToItsOperationAndScope) {
  const std::string token = encodePageToken("ListSessions", "w", "p");
  for (const auto& [operation, scope] :
       {std::pair("ListExecutors", "w"), {"ListSessions", "v"}, {"ListSession", "sw"}}) {
    const auto decoded = decodePageToken(operation, scope, token);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(), errors::malformedPageToken(token));
  }
}

TEST(PageToken, AnyAlteredCharacterIsNoticed) {
  const std::string token = encodePageToken("ListSessions", "w", "position");
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : std::string("AB-_=+/ ~z\0", 11)) {
      if (token[i] == c) continue;
      std::string altered = token;
      altered[i] = c;
      EXPECT_FALSE(decodePageToken("ListSessions", "w", altered)) << altered;
    }
  }
}

TEST(PageToken, CutLongOrInventedTokensAreMalformed) {
  const std::string token = encodePageToken("ListSessions", "w", "position");
  for (std::size_t length = 0; length < token.size(); ++length) {
    EXPECT_FALSE(decodePageToken("ListSessions", "w", token.substr(0, length)));
  }
  for (const std::string& invented : {std::string("x"), std::string("bogus"), token + "A",
                                      token + "=", token + token, std::string(2048, 'A')}) {
    const auto decoded = decodePageToken("ListSessions", "w", invented);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().message, "The nextPageToken is malformed: " + invented);
  }
}

}  // namespace
}  // namespace glaux::api
