#include <gtest/gtest.h>

#include "api/s3_error.h"
#include "api/s3_uri.h"

namespace glaux::api {
namespace {

TEST(S3Error, NamesCodeMessageResourceAndRequest) {
  EXPECT_EQ(encodeS3Error(S3ErrorCode::kNoSuchKey, "/b/k", "r-1"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>"
            "<Resource>/b/k</Resource><RequestId>r-1</RequestId></Error>");
}

TEST(S3Error, EscapesWhatTheClientSent) {
  const std::string body =
      encodeS3Error(S3ErrorCode::kInvalidRequest, "/b/<k>&\"\r\x01\xff", "r", "a < b");
  EXPECT_NE(body.find("<Message>a &lt; b</Message>"), std::string::npos);
  EXPECT_NE(body.find("<Resource>/b/&lt;k&gt;&amp;&quot;&#13;\uFFFD\uFFFD</Resource>"),
            std::string::npos);
}

TEST(S3Error, StatusesAreS3s) {
  EXPECT_EQ(httpStatus(S3ErrorCode::kAccessDenied), 403);
  EXPECT_EQ(httpStatus(S3ErrorCode::kInvalidRange), 416);
  EXPECT_EQ(httpStatus(S3ErrorCode::kInvalidRequest), 400);
  EXPECT_EQ(httpStatus(S3ErrorCode::kMethodNotAllowed), 405);
  EXPECT_EQ(httpStatus(S3ErrorCode::kNoSuchBucket), 404);
  EXPECT_EQ(httpStatus(S3ErrorCode::kNoSuchKey), 404);
  EXPECT_EQ(httpStatus(S3ErrorCode::kNotImplemented), 501);
  EXPECT_EQ(name(S3ErrorCode::kKeyTooLong), "KeyTooLongError");
}

TEST(S3Uri, SplitsBucketAndKey) {
  EXPECT_EQ(parseS3Uri("s3://b/k"), (S3Uri{"b", "k"}));
  EXPECT_EQ(parseS3Uri("S3://b-1.c_d/a/b//c"), (S3Uri{"b-1.c_d", "a/b//c"}));
  EXPECT_EQ(parseS3Uri("s3://b"), (S3Uri{"b", ""}));
  EXPECT_EQ(parseS3Uri("s3://b/"), (S3Uri{"b", ""}));
  EXPECT_EQ(parseS3Uri("s3://b//k"), (S3Uri{"b", "/k"}));
}

TEST(S3Uri, RefusesWhatIsNone) {
  for (const char* text : {"", "s3://", "s3:///k", "https://b/k", "s3:/b/k", "b/k", "s3://b c/k"}) {
    EXPECT_EQ(parseS3Uri(text), std::nullopt) << text;
  }
}

TEST(S3Uri, FormatsWhatItParsed) {
  for (const char* text : {"s3://b/k", "s3://b/a/b/", "s3://b/"}) {
    EXPECT_EQ(formatS3Uri(*parseS3Uri(text)), text);
  }
}

TEST(S3Uri, JoinsKeysWithOneSlash) {
  EXPECT_EQ(joinKey("a", "b"), "a/b");
  EXPECT_EQ(joinKey("a/", "b"), "a/b");
  EXPECT_EQ(joinKey("a//", "/b"), "a/b");
  EXPECT_EQ(joinKey("", "b"), "b");
}

}  // namespace
}  // namespace glaux::api
