#include "daemon/http/http_message.h"

#include <gtest/gtest.h>

namespace glaux::daemon {
namespace {

TEST(HeaderList, FindsNamesInAnyCaseAndKeepsDuplicatesInOrder) {
  HeaderList headers;
  headers.add("X-Amz-Target", "AmazonAthena.GetSession");
  headers.add("accept", "a");
  headers.add("Accept", "b");
  EXPECT_EQ(headers.find("x-amz-target"), "AmazonAthena.GetSession");
  EXPECT_EQ(headers.find("ACCEPT"), "a");
  EXPECT_EQ(headers.find("X-Amz"), std::nullopt);
  ASSERT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers.at(2).name, "Accept");
  EXPECT_EQ(headers.at(2).value, "b");
}

TEST(HeaderList, TellsAnEmptyValueFromAMissingHeader) {
  HttpRequest request;
  request.headers.add("Empty", "");
  EXPECT_EQ(request.headers.find("empty"), "");
  EXPECT_EQ(request.headers.find("missing"), std::nullopt);
  EXPECT_EQ(request.header("missing"), "");
}

}  // namespace
}  // namespace glaux::daemon
