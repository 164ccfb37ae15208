#include <gtest/gtest.h>

#include "api/s3_checksum.h"
#include "api/s3_chunked.h"
#include "api/s3_error.h"
#include "api/s3_requests.h"
#include "api/s3_responses.h"
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

std::string decoded(std::string_view body) {
  const auto result = decodeAwsChunked(body);
  return result ? result->data : "malformed";
}

TEST(S3Chunked, JoinsChunksAndDropsSignatures) {
  EXPECT_EQ(decoded("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"), "abc0123456789");
  EXPECT_EQ(decoded("3;chunk-signature=0f\r\na\r\n\r\n0;chunk-signature=1e\r\n\r\n"), "a\r\n");
  EXPECT_EQ(decoded("0\r\n\r\n"), "");
  EXPECT_EQ(decoded("0\r\n"), "") << "some SDKs leave out the last line end";
}

TEST(S3Chunked, KeepsTrailers) {
  using Trailers = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(decodeAwsChunked("1\r\na\r\n0\r\nx-a:1==\r\nx-b: 2\r\n\r\n")->trailers,
            (Trailers{{"x-a", "1=="}, {"x-b", "2"}}));
  EXPECT_EQ(decodeAwsChunked("0\r\nx-a:1\n\r\n")->trailers, (Trailers{{"x-a", "1"}}));
  EXPECT_EQ(decodeAwsChunked("0\r\nx-a:1")->trailers, (Trailers{{"x-a", "1"}}));
}

TEST(S3Chunked, MalformedBodiesAreRefused) {
  for (const char* body :
       {"", "abc", "3", "3\r\n", "3\r\nab", "3\r\nabc", "3\r\nabc\r\n", "3\r\nabcd\r\n0\r\n\r\n",
        "-1\r\na\r\n0\r\n", "0x3\r\nabc\r\n0\r\n", " 3\r\nabc\r\n0\r\n", "g\r\nabc\r\n0\r\n",
        "ffffffffffffffff\r\nabc\r\n0\r\n", "10000000000000000\r\nabc\r\n0\r\n", "\r\n\r\n",
        "3\nabc\n0\n\n", "1\r\na\r\n0\r\nno colon\r\n\r\n", ";\r\n\r\n"}) {
    EXPECT_EQ(decoded(body), "malformed") << body;
  }
}

TEST(S3Chunked, EveryCutOfABodyIsRefusedOrWhole) {
  const std::string body = "3;s=1\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < body.size(); ++size) {
    const std::string result = decoded(body.substr(0, size));
    EXPECT_TRUE(result == "malformed" || result == "abcdefg") << size << ": " << result;
  }
}

TEST(S3Checksum, IsWhatTheAlgorithmSaysInBase64) {
  EXPECT_EQ(checksum(S3Checksum::kMd5, ""), "1B2M2Y8AsgTpgAmY7PhCfg==");
  EXPECT_EQ(checksum(S3Checksum::kCrc32, "123456789"), "y/Q5Jg==");
  EXPECT_EQ(checksum(S3Checksum::kSha1, "abc"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
  EXPECT_EQ(checksum(S3Checksum::kSha256, "abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST(S3Checksum, IsKnownByItsHeader) {
  EXPECT_EQ(checksumOfHeader("content-MD5"), S3Checksum::kMd5);
  EXPECT_EQ(checksumOfHeader("X-Amz-Checksum-Sha256"), S3Checksum::kSha256);
  for (const char* name : {"x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme",
                           "x-amz-checksum-type", "content-md", ""}) {
    EXPECT_EQ(checksumOfHeader(name), std::nullopt) << name;
  }
}

TEST(S3Checksum, FormIsToldFromValue) {
  EXPECT_TRUE(isChecksum(S3Checksum::kCrc32, "AAAAAA=="));
  for (const char* value : {"", "AAAA", "AAAAAAA=", "AAAAAAAA", "AA AAA==", "AAAAAA=A"}) {
    EXPECT_FALSE(isChecksum(S3Checksum::kCrc32, value)) << value;
  }
  for (const auto algorithm :
       {S3Checksum::kMd5, S3Checksum::kCrc32, S3Checksum::kSha1, S3Checksum::kSha256}) {
    EXPECT_TRUE(isChecksum(algorithm, checksum(algorithm, "x")));
  }
}

std::string keysOf(std::string_view objects) {
  const auto request = parseS3Delete("<Delete>" + std::string(objects) + "</Delete>");
  if (!request) return "malformed";
  std::string keys;
  for (const auto& object : request->objects) keys += "[" + object.key + "]";
  return keys;
}

TEST(S3Requests, DeleteNamesKeys) {
  const auto request = parseS3Delete(
      "<?xml version=\"1.0\"?>\n<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
      "  <Object>\n <Key>a&amp;b &#252;</Key>\n</Object><Object><Key>2</Key>"
      "<VersionId>v</VersionId></Object><Quiet>true</Quiet></Delete>");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->quiet);
  ASSERT_EQ(request->objects.size(), 2u);
  EXPECT_EQ(request->objects[0].key, "a&b \u00FC");
  EXPECT_EQ(request->objects[1].version_id, "v");
  EXPECT_EQ(keysOf("<Object><Key> </Key></Object>"), "[ ]") << "a space is a key";
  EXPECT_EQ(keysOf("<s3:Object><s3:Key>k</s3:Key></s3:Object>"), "[k]");
}

TEST(S3Requests, DeleteThatIsNoneIsRefused) {
  for (const char* objects :
       {"", "<Object/>", "<Object><Key/></Object>", "<Object><Key>a</Object>",
        "<Object><Key>a</Key></Object><Object/>", "<Object><Key>a&#0;b</Key></Object>",
        "<Object><Key>a&#x00;b</Key></Object>"}) {
    EXPECT_EQ(keysOf(objects), "malformed") << objects;
  }
  EXPECT_FALSE(parseS3Delete(""));
  EXPECT_FALSE(parseS3Delete("<Remove><Object><Key>a</Key></Object></Remove>"));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "<Object><Key>k</Key></Object>";
  EXPECT_NE(keysOf(many), "malformed");
  EXPECT_EQ(keysOf(many + "<Object><Key>k</Key></Object>"), "malformed");
}

TEST(S3Requests, EntitiesOfTheClientAreNotExpanded) {
  const auto request = parseS3Delete(
      "<!DOCTYPE Delete [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
      "<Delete><Object><Key>&x;</Key></Object></Delete>");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->objects.front().key, "&x;");
}

TEST(S3Requests, CompletedPartsHaveNumbersAndTags) {
  const auto parts = parseS3CompletedParts(
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
      "<Part><ETag>b</ETag><PartNumber>10000</PartNumber></Part></CompleteMultipartUpload>");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->at(0).number, 1);
  EXPECT_EQ(parts->at(0).etag, "\"a\"");
  EXPECT_EQ(parts->at(1).etag, "\"b\"");
  for (const char* part : {"", "<Part/>", "<Part><PartNumber>1</PartNumber></Part>",
                           "<Part><PartNumber>0</PartNumber><ETag>a</ETag></Part>",
                           "<Part><PartNumber>10001</PartNumber><ETag>a</ETag></Part>",
                           "<Part><PartNumber>1x</PartNumber><ETag>a</ETag></Part>",
                           "<Part><PartNumber>99999999999</PartNumber><ETag>a</ETag></Part>"}) {
    EXPECT_FALSE(parseS3CompletedParts("<CompleteMultipartUpload>" + std::string(part) +
                                       "</CompleteMultipartUpload>"))
        << part;
  }
}

TEST(S3Responses, ListingSaysWhatIsInIt) {
  S3Listing listing;
  listing.bucket = "b";
  listing.prefix = "p/";
  listing.delimiter = "/";
  listing.objects.push_back({"p/<k>", 1'700'000'000'123, "\"e\"", 7});
  listing.common_prefixes.push_back("p/q/");
  listing.is_truncated = true;
  listing.next = "t";
  EXPECT_EQ(encodeS3Listing(listing),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
            "<Prefix>p/</Prefix><Delimiter>/</Delimiter><MaxKeys>1000</MaxKeys>"
            "<IsTruncated>true</IsTruncated><KeyCount>2</KeyCount>"
            "<NextContinuationToken>t</NextContinuationToken><Contents><Key>p/&lt;k&gt;</Key>"
            "<LastModified>2023-11-14T22:13:20.123Z</LastModified><ETag>&quot;e&quot;</ETag>"
            "<Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>"
            "<CommonPrefixes><Prefix>p/q/</Prefix></CommonPrefixes></ListBucketResult>");
}

TEST(S3Responses, KeysAreUrlEncodedButForSlashes) {
  EXPECT_EQ(urlEncodeKey("a/b c+\xC3\xBC%\n~"), "a/b%20c%2B%C3%BC%25%0A~");
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
