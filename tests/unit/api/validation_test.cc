// Constraints: one message for all violations, in the service's words.
#include <gtest/gtest.h>

#include "api/aws_json.h"

namespace glaux::api {
namespace {

std::string times(std::size_t count, std::string_view text) {
  std::string repeated;
  for (std::size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

template <typename T>
std::string messageOf(const std::string& body) {
  const auto decoded = decodeValidated<T>(body);
  if (decoded) return "accepted";
  EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidRequest) << body;
  EXPECT_EQ(decoded.error().athena_error_code, "INVALID_INPUT") << body;
  return decoded.error().message;
}

std::string violation(const std::string& member, const std::string& text) {
  return "1 validation error detected: Value at '" + member +
         "' failed to satisfy constraint: " + text;
}

TEST(Validation, MissingMembersAreNamed) {
  const std::string missing =
      "1 validation error detected: Value null at 'sessionId' failed to satisfy constraint: "
      "Member must not be null";
  EXPECT_EQ(messageOf<GetSessionRequest>("{}"), missing);
  EXPECT_EQ(messageOf<GetSessionRequest>(R"({"SessionId":null})"), missing);
}

TEST(Validation, AllViolationsAreReportedInTheOrderOfTheModel) {
  EXPECT_EQ(messageOf<ListSessionsRequest>(R"({"MaxResults":0,"StateFilter":"SLEEPING"})"),
            "3 validation errors detected: "
            "Value null at 'workGroup' failed to satisfy constraint: Member must not be null; "
            "Value at 'stateFilter' failed to satisfy constraint: Member must satisfy enum value "
            "set: [CREATING, CREATED, IDLE, BUSY, TERMINATING, TERMINATED, DEGRADED, FAILED]; "
            "Value at 'maxResults' failed to satisfy constraint: Member must have value greater "
            "than or equal to 1");
}

TEST(Validation, NumbersHaveRanges) {
  const auto list = [](const std::string& max_results) {
    return messageOf<ListWorkGroupsRequest>(R"({"MaxResults":)" + max_results + "}");
  };
  EXPECT_EQ(list("1"), "accepted");
  EXPECT_EQ(list("50"), "accepted");
  EXPECT_EQ(list("51"), violation("maxResults", "Member must have value less than or equal to 50"));
  EXPECT_EQ(list("0"),
            violation("maxResults", "Member must have value greater than or equal to 1"));
  EXPECT_EQ(list("-2147483648"),
            violation("maxResults", "Member must have value greater than or equal to 1"));
}

TEST(Validation, StringsHaveLengths) {
  EXPECT_EQ(messageOf<ListWorkGroupsRequest>(R"({"NextToken":""})"),
            violation("nextToken", "Member must have length greater than or equal to 1"));
  EXPECT_EQ(messageOf<GetSessionRequest>(R"({"SessionId":")" + times(256, "x") + "\"}"),
            "accepted");
  EXPECT_EQ(messageOf<GetSessionRequest>(R"({"SessionId":")" + times(257, "x") + "\"}"),
            violation("sessionId", "Member must have length less than or equal to 256"));
}

TEST(Validation, SessionTokensMayBeEmptyUnlikeWorkGroupTokens) {
  EXPECT_EQ(messageOf<ListSessionsRequest>(R"({"WorkGroup":"w","NextToken":""})"), "accepted");
}

TEST(Validation, CodeBlocksHoldUpTo68000Characters) {
  const auto start = [](std::size_t count, std::string_view character) {
    return messageOf<StartCalculationExecutionRequest>(R"({"SessionId":"s","CodeBlock":")" +
                                                       times(count, character) + "\"}");
  };
  const std::string too_long =
      violation("codeBlock", "Member must have length less than or equal to 68000");
  for (const std::string_view character : {"x", "é", "€", "🦉", "\\ud83e\\udd89"}) {
    EXPECT_EQ(start(68'000, character), "accepted") << character;
    EXPECT_EQ(start(68'001, character), too_long) << character;
  }
  EXPECT_EQ(messageOf<StartCalculationExecutionRequest>(
                R"({"SessionId":"s","CalculationConfiguration":{"CodeBlock":")" +
                times(68'001, "x") + "\"}}"),
            violation("calculationConfiguration.codeBlock",
                      "Member must have length less than or equal to 68000"));
}

TEST(Validation, PatternsAreNamed) {
  EXPECT_EQ(messageOf<GetWorkGroupRequest>(R"({"WorkGroup":"no spaces"})"),
            violation("workGroup",
                      "Member must satisfy regular expression pattern: [a-zA-Z0-9._-]{1,128}"));
}

TEST(Validation, IdempotencyTokensHave32To128Characters) {
  const auto start = [](std::size_t length) {
    return messageOf<StartCalculationExecutionRequest>(
        R"({"SessionId":"s","ClientRequestToken":")" + times(length, "T") + "\"}");
  };
  EXPECT_EQ(start(32), "accepted");
  EXPECT_EQ(start(128), "accepted");
  EXPECT_EQ(start(31),
            violation("clientRequestToken", "Member must have length greater than or equal to 32"));
  EXPECT_EQ(start(129),
            violation("clientRequestToken", "Member must have length less than or equal to 128"));
}

TEST(Validation, NestedMembersHavePaths) {
  EXPECT_EQ(
      messageOf<StartSessionRequest>(
          R"({"WorkGroup":"w","EngineConfiguration":{"CoordinatorDpuSize":2,
              "MaxConcurrentDpus":1,"DefaultExecutorDpuSize":0}})"),
      "3 validation errors detected: "
      "Value at 'engineConfiguration.coordinatorDpuSize' failed to satisfy constraint: Member "
      "must have value less than or equal to 1; "
      "Value at 'engineConfiguration.maxConcurrentDpus' failed to satisfy constraint: Member must "
      "have value greater than or equal to 2; "
      "Value at 'engineConfiguration.defaultExecutorDpuSize' failed to satisfy constraint: Member "
      "must have value greater than or equal to 1");
  EXPECT_EQ(messageOf<CreateWorkGroupRequest>(
                R"({"Name":"w","Configuration":{"ResultConfiguration":
                    {"EncryptionConfiguration":{"KmsKey":"k"}}}})"),
            "1 validation error detected: Value null at 'configuration.resultConfiguration."
            "encryptionConfiguration.encryptionOption' failed to satisfy constraint: Member must "
            "not be null");
}

TEST(Validation, ListMembersAreNumberedFromOne) {
  const auto create = [](const std::string& tags) {
    return messageOf<CreateWorkGroupRequest>(R"({"Name":"w","Tags":)" + tags + "}");
  };
  EXPECT_EQ(create(R"([{"Key":"","Value":"v"}])"),
            violation("tags.1.member.key", "Member must have length greater than or equal to 1"));
  EXPECT_EQ(create(R"([{"Key":"a","Value":""},{"Key":"b","Value":")" + times(257, "v") + "\"}]"),
            violation("tags.2.member.value", "Member must have length less than or equal to 256"));
  EXPECT_EQ(create("[null]"),
            "1 validation error detected: Value null at 'tags.1.member' failed to satisfy "
            "constraint: Member must not be null");
}

TEST(Validation, MapsAreReportedByTheirKeysAndValues) {
  const auto start = [](const std::string& properties) {
    return messageOf<StartSessionRequest>(
        R"({"WorkGroup":"w","EngineConfiguration":{"SparkProperties":)" + properties + "}}");
  };
  EXPECT_EQ(start("{\"k\":\"" + times(51'200, "v") + "\"}"), "accepted");
  EXPECT_EQ(start(R"({"":"v"})"),
            violation("engineConfiguration.sparkProperties",
                      "Map keys must satisfy constraint: [Member must have length greater than or "
                      "equal to 1]"));
  EXPECT_EQ(start("{\"k\":\"" + times(51'201, "v") + "\"}"),
            violation("engineConfiguration.sparkProperties",
                      "Map value must satisfy constraint: [Member must have length less than or "
                      "equal to 51200]"));
  EXPECT_EQ(
      start(R"({"a\u0001":"v"})"),
      violation("engineConfiguration.sparkProperties",
                R"(Map keys must satisfy constraint: [Member must satisfy regular expression )"
                R"(pattern: [\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*])"));
}

TEST(Validation, EnumerationsListTheirValues) {
  EXPECT_EQ(messageOf<ListExecutorsRequest>(R"({"SessionId":"s","ExecutorStateFilter":"created"})"),
            violation("executorStateFilter",
                      "Member must satisfy enum value set: [CREATING, CREATED, REGISTERED, "
                      "TERMINATING, TERMINATED, FAILED]"));
}

TEST(Validation, TheNumberOfReportedViolationsIsBounded) {
  const std::string message = messageOf<CreateWorkGroupRequest>(
      R"({"Name":"w","Tags":[{"Key":""})" + times(5000, R"(,{"Key":""})") + "]}");
  EXPECT_TRUE(message.starts_with("100 validation errors detected: ")) << message.substr(0, 80);
}

TEST(Validation, EmptyAndAbsentTagsDiffer) {
  EXPECT_EQ(decodeValidated<CreateWorkGroupRequest>(R"({"Name":"w"})")->tags, std::nullopt);
  EXPECT_EQ(decodeValidated<CreateWorkGroupRequest>(R"({"Name":"w","Tags":[]})")->tags,
            std::vector<Tag>{});
}

TEST(Validation, WhatClientsInTheFieldSendIsAccepted) {
  EXPECT_EQ(messageOf<StartSessionRequest>(
                R"({"WorkGroup":"primary","EngineConfiguration":{"CoordinatorDpuSize":1,
                    "MaxConcurrentDpus":2,"DefaultExecutorDpuSize":1},
                    "NotebookVersion":"Athena notebook version 1",
                    "SessionIdleTimeoutInMinutes":15})"),
            "accepted");
  EXPECT_EQ(messageOf<StartSessionRequest>(R"({"WorkGroup":"w","EngineConfiguration":{}})"),
            "accepted");
}

}  // namespace
}  // namespace glaux::api
