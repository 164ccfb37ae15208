#include "api/authorization.h"

#include <gtest/gtest.h>

namespace glaux::api {
namespace {

const std::string kSignature(64, 'a');
const std::string kCredential = "AKIDEXAMPLE/20221114/us-east-1/athena/aws4_request";

std::string header(const std::string& credential, const std::string& signed_headers,
                   const std::string& signature, const std::string& separator = ", ") {
  return "AWS4-HMAC-SHA256 Credential=" + credential + separator +
         "SignedHeaders=" + signed_headers + separator + "Signature=" + signature;
}

const Authorization kExpected{.access_key_id = "AKIDEXAMPLE",
                              .date = "20221114",
                              .region = "us-east-1",
                              .service = "athena",
                              .signed_headers = {"content-type", "host", "x-amz-date"},
                              .signature = kSignature};

TEST(Authorization, ReadsTheHeaderWithAnySpacing) {
  for (const char* separator : {", ", ",", " ,  "}) {
    const auto parsed = parseAuthorizationHeader(
        header(kCredential, "content-type;host;x-amz-date", kSignature, separator));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, kExpected);
    EXPECT_EQ(principalOf(*parsed), "AKIDEXAMPLE");
  }
}

TEST(Authorization, AnAbsentHeaderIsAnonymous) {
  for (const char* absent : {"", "  "}) {
    const auto parsed = parseAuthorizationHeader(absent);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, std::nullopt);
    EXPECT_EQ(principalOf(*parsed), "anonymous");
  }
}

TEST(Authorization, MalformedHeadersAreRefused) {
  const std::string host = "host";
  const std::string malformed[] = {
      "Bearer token",
      "AWS4-HMAC-SHA1 Credential=" + kCredential,
      "AWS4-HMAC-SHA256",
      "AWS4-HMAC-SHA256 nonsense",
      header("", host, kSignature),
      header("AKID/20221114/us-east-1/athena", host, kSignature),
      header("AKID/20221114/us-east-1/athena/aws4", host, kSignature),
      header("/20221114/us-east-1/athena/aws4_request", host, kSignature),
      header("AKID/2022-11-14/us-east-1/athena/aws4_request", host, kSignature),
      header("AKID/20221114//athena/aws4_request", host, kSignature),
      header("AKID/20221114/us-east-1//aws4_request", host, kSignature),
      header("AK ID/20221114/us-east-1/athena/aws4_request", host, kSignature),
      header(std::string(129, 'A') + "/20221114/us-east-1/athena/aws4_request", host, kSignature),
      header(kCredential, "", kSignature),
      header(kCredential, "host;", kSignature),
      header(kCredential, host, ""),
      header(kCredential, host, kSignature.substr(1)),
      header(kCredential, host, std::string(64, 'g')),
      header(kCredential, host, kSignature) + ", Signature=" + kSignature,
  };
  for (const std::string& value : malformed) {
    const auto parsed = parseAuthorizationHeader(value);
    ASSERT_FALSE(parsed) << value;
    EXPECT_EQ(parsed.error().code, ErrorCode::kIncompleteSignature);
    EXPECT_FALSE(parsed.error().message.empty());
  }
}

TEST(Authorization, ReadsPresignedQueries) {
  const auto parsed = parsePresignedQuery(
      "x-id=GetObject&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
      "AKIDEXAMPLE%2F20221114%2Fus-east-1%2Fathena%2Faws4_request&X-Amz-Date=20221114T000000Z"
      "&X-Amz-Expires=3600&X-Amz-SignedHeaders=content-type%3bhost%3bx-amz-date&X-Amz-Signature=" +
      kSignature);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, kExpected);
}

TEST(Authorization, AnUnsignedQueryIsAnonymous) {
  for (const char* query : {"", "list-type=2&prefix=a", "X-Amz-Date=x", "flag", "a=%zz"}) {
    const auto parsed = parsePresignedQuery(query);
    ASSERT_TRUE(parsed) << query;
    EXPECT_EQ(*parsed, std::nullopt);
  }
}

TEST(Authorization, MalformedPresignedQueriesAreRefused) {
  for (const char* query :
       {"X-Amz-Signature=x", "X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=%2",
        "X-Amz-Algorithm=other&X-Amz-Credential=x", "X-Amz-Signature=a&X-Amz-Signature=b"}) {
    EXPECT_FALSE(parsePresignedQuery(query)) << query;
  }
}

}  // namespace
}  // namespace glaux::api
