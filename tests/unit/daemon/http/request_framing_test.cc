#include "daemon/http/request_framing.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace glaux::daemon {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

RequestFraming framingOf(const Headers& fields, std::string_view version = "HTTP/1.1") {
  HeaderList headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return readFraming(headers, version, 1000);
}

int refusalOf(const Headers& fields, std::string_view version = "HTTP/1.1") {
  const auto framing = framingOf(fields, version);
  return framing.refusal ? framing.refusal->status : 0;
}

TEST(RequestFraming, ContentLengthIsTheBodysSize) {
  EXPECT_EQ(framingOf({{"content-length", "12"}}).content_length, 12u);
  EXPECT_EQ(framingOf({{"Content-Length", "1000"}}).content_length, 1000u);
  EXPECT_EQ(framingOf({}).content_length, 0u);
  EXPECT_EQ(framingOf({{"Transfer-Encoding", "Chunked"}}).content_length, 0u);
}

TEST(RequestFraming, AnnouncedBodyBeyondTheLimitIsTooLarge) {
  EXPECT_EQ(refusalOf({{"Content-Length", "1001"}}), 413);
}

TEST(RequestFraming, AmbiguousFramingIsRefused) {
  EXPECT_EQ(refusalOf({{"Content-Length", "1"}, {"content-length", "1"}}), 400);
  EXPECT_EQ(refusalOf({{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}}), 400);
  EXPECT_EQ(refusalOf({{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}), 400);
  EXPECT_EQ(refusalOf({{"Transfer-Encoding", "gzip, chunked"}}), 400);
  EXPECT_EQ(refusalOf({{"Transfer-Encoding", "identity"}}), 400);
  EXPECT_EQ(refusalOf({{"Transfer-Encoding", "chunked"}}, "HTTP/1.0"), 400);
  EXPECT_EQ(refusalOf({{"Content-Length ", "1"}}), 400);
  EXPECT_EQ(refusalOf({{"", "1"}}), 400);
}

TEST(RequestFraming, ContentLengthMustBeDigitsOnly) {
  for (const char* value : {"", "-1", "+1", "1 ", "1,1", "0x1", "99999999999999999999999"}) {
    EXPECT_EQ(refusalOf({{"Content-Length", value}}), 400) << value;
  }
}

}  // namespace
}  // namespace glaux::daemon
