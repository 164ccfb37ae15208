// Decoding: what is no JSON or has the wrong types, and what is let through.
#include "api/aws_json.h"

#include <gtest/gtest.h>

#include "api/json.h"

namespace glaux::api {
namespace {

struct Case {
  std::string body;
  std::string message;
};

template <typename T>
void expectSerializationErrors(const std::vector<Case>& cases) {
  for (const auto& [body, message] : cases) {
    const auto decoded = decodeValidated<T>(body);
    ASSERT_FALSE(decoded) << body;
    EXPECT_EQ(decoded.error(), errors::serialization(message)) << body;
  }
}

TEST(AwsJson, BodiesThatAreNoJsonObjectAreRefused) {
  expectSerializationErrors<GetSessionRequest>({
      {"", ""},
      {"   ", ""},
      {"{", ""},
      {"{}x", ""},
      {"{'SessionId':'a'}", ""},
      {"{\"SessionId\":\"a\",}", ""},
      {"{/* no comments */}", ""},
      {"{\"SessionId\":1e999}", ""},
      {"null", ""},
      {"\"SessionId\"", ""},
      {"5", ""},
      {"true", ""},
      {"[]", "Start of list found where not expected"},
  });
}

TEST(AwsJson, WrongTypesAreRefusedInTheServicesWords) {
  expectSerializationErrors<ListSessionsRequest>({
      {R"({"MaxResults":"5"})", "STRING_VALUE can not be converted to an Integer"},
      {R"({"MaxResults":true})", "TRUE_VALUE can not be converted to an Integer"},
      {R"({"MaxResults":2147483648})", "NUMBER_VALUE can not be converted to an Integer"},
      {R"({"MaxResults":1e300})", "NUMBER_VALUE can not be converted to an Integer"},
      {R"({"MaxResults":18446744073709551615})", "NUMBER_VALUE can not be converted to an Integer"},
      {R"({"WorkGroup":5})", "NUMBER_VALUE can not be converted to a String"},
      {R"({"WorkGroup":5.5})", "NUMBER_VALUE can not be converted to a String"},
      {R"({"WorkGroup":true})", "TRUE_VALUE can not be converted to a String"},
      {R"({"WorkGroup":false})", "FALSE_VALUE can not be converted to a String"},
      {R"({"WorkGroup":{}})", "Start of structure or map found where not expected."},
      {R"({"WorkGroup":[]})", "Start of list found where not expected"},
      {R"({"StateFilter":1})", "NUMBER_VALUE can not be converted to a String"},
  });
  expectSerializationErrors<StartSessionRequest>({
      {R"({"EngineConfiguration":"x"})", "Expected null"},
      {R"({"EngineConfiguration":5})", "Expected null"},
      {R"({"EngineConfiguration":[]})", "Start of list found where not expected"},
      {R"({"EngineConfiguration":{"SparkProperties":"x"}})", "Expected null"},
      {R"({"EngineConfiguration":{"SparkProperties":{"k":1}}})",
       "NUMBER_VALUE can not be converted to a String"},
      {R"({"EngineConfiguration":{"Classifications":{}}})",
       "Start of structure or map found where not expected."},
      {R"({"Tags":"x"})", "Expected list or null"},
      {R"({"Tags":["x"]})", "Expected null"},
      {R"({"CopyWorkGroupTags":"true"})", "STRING_VALUE can not be converted to a Boolean"},
      {R"({"CopyWorkGroupTags":1})", "NUMBER_VALUE can not be converted to a Boolean"},
  });
  expectSerializationErrors<CreateWorkGroupRequest>({
      {R"({"Configuration":{"BytesScannedCutoffPerQuery":"1"}})",
       "STRING_VALUE can not be converted to a Long"},
  });
}

TEST(AwsJson, TheFirstWrongTypeInTheDocumentIsReported) {
  expectSerializationErrors<ListSessionsRequest>({
      {R"({"NextToken":1,"MaxResults":"x"})", "NUMBER_VALUE can not be converted to a String"},
      {R"({"MaxResults":"x","NextToken":1})", "STRING_VALUE can not be converted to an Integer"},
  });
}

TEST(AwsJson, WrongTypesComeBeforeViolatedConstraints) {
  const auto decoded = decodeValidated<ListSessionsRequest>(R"({"MaxResults":"x"})");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kSerialization);
}

TEST(AwsJson, TextThatIsNotUtf8IsRefused) {
  for (const std::string bytes :
       {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    expectSerializationErrors<GetSessionRequest>({{"{\"SessionId\":\"" + bytes + "\"}", ""}});
    expectSerializationErrors<GetSessionRequest>({{"{\"" + bytes + "\":1}", ""}});
  }
  expectSerializationErrors<GetSessionRequest>({{R"({"SessionId":"\ud800"})", ""}});
}

std::string nested(std::size_t depth) {
  return R"({"SessionId":"s","Unknown":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

TEST(AwsJson, NestingIsBounded) {
  EXPECT_TRUE(decodeValidated<GetSessionRequest>(nested(JsonBounds{}.depth - 1)));
  expectSerializationErrors<GetSessionRequest>({{nested(JsonBounds{}.depth), ""}});
  expectSerializationErrors<GetSessionRequest>({{std::string(5'000'000, '['), ""}});
}

TEST(AwsJson, TheNumberOfValuesIsBounded) {
  const auto document = [](std::size_t values) {
    std::string items = "0";
    for (std::size_t i = 1; i < values; ++i) items += ",0";
    return R"({"SessionId":"s","Unknown":[)" + items + "]}";
  };
  EXPECT_TRUE(decodeValidated<GetSessionRequest>(document(JsonBounds{}.values - 3)));
  expectSerializationErrors<GetSessionRequest>({{document(JsonBounds{}.values - 2), ""}});
}

TEST(AwsJson, UnknownMembersAreIgnored) {
  const auto decoded =
      decodeValidated<GetSessionRequest>(R"({"a":{"b":[1,null,{"c":""}]},"SessionId":"s","z":1})");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->session_id, "s");
}

TEST(AwsJson, MemberNamesAreCaseSensitive) {
  EXPECT_FALSE(decodeValidated<GetSessionRequest>(R"({"sessionId":"s"})"));
}

TEST(AwsJson, NullMeansAbsent) {
  const auto decoded = decodeValidated<StartSessionRequest>(
      R"({"WorkGroup":"w","EngineConfiguration":{"MaxConcurrentDpus":null,
          "SparkProperties":null,"Classifications":null},"Description":null,"Tags":null})");
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(*decoded, (StartSessionRequest{.work_group = "w"}));
}

TEST(AwsJson, NullValuesOfAMapAreLeftOut) {
  const auto decoded = decodeValidated<EngineConfiguration>(
      R"({"SparkProperties":{"a":"1","b":null,"c":"2","c":null}})");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->spark_properties, (std::map<std::string, std::string>{{"a", "1"}}));
}

TEST(AwsJson, TheLastOfTwoEqualMembersWins) {
  const auto decoded = decodeValidated<StartSessionRequest>(
      R"({"WorkGroup":"first","WorkGroup":"second","Description":"d","Description":null,
          "EngineConfiguration":{"MaxConcurrentDpus":2},
          "EngineConfiguration":{"CoordinatorDpuSize":1},
          "Tags":[{"Key":"a"},{"Key":"b"}],"Tags":[{"Key":"c"}]})");
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->work_group, "second");
  EXPECT_EQ(decoded->description, std::nullopt);
  EXPECT_EQ(decoded->engine_configuration, (EngineConfiguration{.coordinator_dpu_size = 1}));
  EXPECT_EQ(decoded->tags, (std::vector<Tag>{{.key = "c"}}));
}

TEST(AwsJson, TheLastOfTwoEqualMembersIsTheOneChecked) {
  EXPECT_TRUE(decodeValidated<GetSessionRequest>(R"({"SessionId":"","SessionId":"s"})"));
  EXPECT_FALSE(decodeValidated<GetSessionRequest>(R"({"SessionId":"s","SessionId":""})"));
  EXPECT_FALSE(decodeValidated<GetSessionRequest>(R"({"SessionId":"s","SessionId":null})"));
}

TEST(AwsJson, ADecimalForAnIntegerIsTruncated) {
  const auto max_results = [](const std::string& number) {
    return decodeValidated<ListWorkGroupsRequest>(R"({"MaxResults":)" + number + "}");
  };
  EXPECT_EQ(max_results("3.99")->max_results, 3);
  EXPECT_EQ(max_results("1.5E1")->max_results, 15);
  EXPECT_EQ(max_results("50.9")->max_results, 50);
  EXPECT_FALSE(max_results("0.9"));
}

TEST(AwsJson, EscapesInStringsAreDecoded) {
  const auto decoded = decodeValidated<StartCalculationExecutionRequest>(
      R"({"SessionId":"s","CodeBlock":"a\n\t\"\\\/\u00e9\ud83e\udd89\u0000b"})");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->code_block, std::string("a\n\t\"\\/é🦉\0b", 14));
}

TEST(AwsJson, StoredRowsAreReadWithoutCheckingConstraints) {
  const auto decoded = decode<GetSessionResponse>(
      R"({"SessionId":"","EngineConfiguration":{"MaxConcurrentDpus":99999}})");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->engine_configuration->max_concurrent_dpus, 99999);
  EXPECT_FALSE(decode<GetSessionResponse>(R"({"SessionId":5})"));
}

TEST(AwsJson, TimestampsAreReadFromAnyNumber) {
  const auto start = [](const std::string& number) {
    return decode<SessionStatus>(R"({"StartDateTime":)" + number + "}");
  };
  EXPECT_EQ(start("1668443136.123")->start_date_time, Timestamp{1668443136123});
  EXPECT_EQ(start("1668443136")->start_date_time, Timestamp{1668443136000});
  EXPECT_EQ(start("1.668E9")->start_date_time, Timestamp{1668000000000});
  EXPECT_EQ(start("-0.5")->start_date_time, Timestamp{-500});
  EXPECT_FALSE(start("1e300"));
  EXPECT_FALSE(start("9223372036854775807"));
  EXPECT_FALSE(start("\"2022-11-14T16:25:36Z\""));
}

}  // namespace
}  // namespace glaux::api
