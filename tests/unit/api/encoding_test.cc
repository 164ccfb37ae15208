// Encoding: names, order, numbers, text.
#include <gtest/gtest.h>

#include <limits>

#include "api/aws_json.h"
#include "api/field.h"

namespace glaux::api {
namespace {

TEST(Encoding, MembersWithoutValueAreLeftOut) {
  EXPECT_EQ(encode(GetSessionStatusResponse{.session_id = "s"}),
            R"({"SessionId":"s","Status":{"State":"CREATING"}})");
  EXPECT_EQ(encode(CreateWorkGroupResponse{}), "{}");
}

TEST(Encoding, ListsOfAnswersAreSentAlsoWhenEmpty) {
  EXPECT_EQ(encode(ListSessionsResponse{}), R"({"Sessions":[]})");
  EXPECT_EQ(encode(ListCalculationExecutionsResponse{}), R"({"Calculations":[]})");
  EXPECT_EQ(encode(ListExecutorsResponse{.session_id = "s"}),
            R"({"SessionId":"s","ExecutorsSummary":[]})");
  EXPECT_EQ(encode(ListWorkGroupsResponse{}), R"({"WorkGroups":[]})");
}

TEST(Encoding, AnEmptyStructureIsSentWhenSet) {
  WorkGroupConfiguration configuration;
  configuration.result_configuration.emplace();
  EXPECT_EQ(encode(configuration), R"({"ResultConfiguration":{}})");
}

TEST(Encoding, ACalculationAlwaysCarriesStatistics) {
  EXPECT_EQ(encode(GetCalculationExecutionStatusResponse{}),
            R"({"Status":{"State":"CREATING"},"Statistics":{"DpuExecutionInMillis":0}})");
}

TEST(Encoding, TimestampsAreNumbersWithAtMostThreeDecimals) {
  const auto encoded = [](std::int64_t ms) {
    std::string out;
    Codec<Timestamp>::write({ms}, out);
    return out;
  };
  EXPECT_EQ(encoded(1668443136123), "1668443136.123");
  EXPECT_EQ(encoded(1668443136000), "1668443136");
  EXPECT_EQ(encoded(1668443136007), "1668443136.007");
  EXPECT_EQ(encoded(0), "0");
  EXPECT_EQ(encoded(1), "0.001");
  EXPECT_EQ(encoded(-1), "-0.001");
  EXPECT_EQ(encoded(-1500), "-1.500");
}

TEST(Encoding, TimestampsSurviveARoundTripToTheMillisecond) {
  for (std::int64_t ms = 1'668'443'136'000; ms < 1'668'443'138'000; ++ms) {
    const SessionStatus status{.start_date_time = Timestamp{ms}};
    ASSERT_EQ(decode<SessionStatus>(encode(status)), status) << ms;
  }
  for (const std::int64_t ms : {(std::int64_t{1} << 51) - 1, -(std::int64_t{1} << 51) + 1}) {
    const SessionStatus status{.start_date_time = Timestamp{ms}};
    EXPECT_EQ(decode<SessionStatus>(encode(status)), status) << ms;
  }
}

TEST(Encoding, IntegersAreExact) {
  for (const std::int64_t value :
       {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(),
        (std::int64_t{1} << 53) + 1}) {
    const SessionStatistics statistics{.dpu_execution_in_millis = value};
    EXPECT_EQ(encode(statistics), R"({"DpuExecutionInMillis":)" + std::to_string(value) + "}");
    EXPECT_EQ(decode<SessionStatistics>(encode(statistics)), statistics);
  }
}

std::string encodedText(std::string_view text) {
  std::string out;
  writeString(text, out);
  return out;
}

TEST(Encoding, TextIsEscapedWhereJsonDemandsIt) {
  EXPECT_EQ(encodedText("plain / text"), "\"plain / text\"");
  EXPECT_EQ(encodedText("\"\\\n\r\t"), R"("\"\\\n\r\t")");
  EXPECT_EQ(encodedText(std::string("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(encodedText("é€🦉"), "\"é€🦉\"");
}

TEST(Encoding, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(encodedText("a\xff"
                        "b"),
            "\"a\uFFFDb\"");
  EXPECT_EQ(encodedText("\xe2\x82"), "\"\uFFFD\uFFFD\"");
  EXPECT_EQ(encodedText("\xed\xa0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");
  EXPECT_EQ(encodedText("\xc0\x80"), "\"\uFFFD\uFFFD\"");
}

TEST(Encoding, MapsAreSorted) {
  EngineConfiguration configuration;
  configuration.spark_properties = {{"b", "2"}, {"a", "1"}};
  EXPECT_EQ(encode(configuration), R"({"SparkProperties":{"a":"1","b":"2"}})");
}

TEST(Encoding, ASessionIsWrittenMemberByMember) {
  const GetSessionResponse session{
      .session_id = "a2c1ebba-ad01-865f-ed2d-a142b7451f7e",
      .description = "d",
      .work_group = "w",
      .engine_version = "PySpark engine version 3",
      .engine_configuration = EngineConfiguration{.max_concurrent_dpus = 4},
      .notebook_version = "n",
      .monitoring_configuration = MonitoringConfiguration{},
      .session_configuration =
          SessionConfiguration{
              .execution_role = "r",
              .working_directory = "s3://b/p",
              .idle_timeout_seconds = 1200,
              .session_idle_timeout_in_minutes = 20,
              .encryption_configuration = EncryptionConfiguration{EncryptionOption::kSseKms, "k"}},
      .status = {.start_date_time = Timestamp{1000},
                 .last_modified_date_time = Timestamp{2000},
                 .end_date_time = Timestamp{3000},
                 .idle_since_date_time = Timestamp{4000},
                 .state = SessionState::kTerminated,
                 .state_change_reason = "why"},
      .statistics = {.dpu_execution_in_millis = 7}};
  EXPECT_EQ(
      encode(session),
      R"({"SessionId":"a2c1ebba-ad01-865f-ed2d-a142b7451f7e","Description":"d","WorkGroup":"w",)"
      R"("EngineVersion":"PySpark engine version 3","EngineConfiguration":{"MaxConcurrentDpus":4},)"
      R"("NotebookVersion":"n","MonitoringConfiguration":{},"SessionConfiguration":)"
      R"({"ExecutionRole":"r","WorkingDirectory":"s3://b/p","IdleTimeoutSeconds":1200,)"
      R"("SessionIdleTimeoutInMinutes":20,"EncryptionConfiguration":{"EncryptionOption":"SSE_KMS",)"
      R"("KmsKey":"k"}},"Status":{"StartDateTime":1,"LastModifiedDateTime":2,"EndDateTime":3,)"
      R"("IdleSinceDateTime":4,"State":"TERMINATED","StateChangeReason":"why"},)"
      R"("Statistics":{"DpuExecutionInMillis":7}})");
}

TEST(Encoding, ACalculationIsWrittenMemberByMember) {
  const GetCalculationExecutionResponse calculation{
      .calculation_execution_id = "c",
      .session_id = "s",
      .description = "d",
      .working_directory = "s3://b/p",
      .status = {.submission_date_time = Timestamp{1000},
                 .completion_date_time = Timestamp{2500},
                 .state = CalculationState::kCompleted,
                 .state_change_reason = "why"},
      .statistics = {.dpu_execution_in_millis = 7, .progress = "100"},
      .result = CalculationResult{.std_out_s3_uri = "s3://b/out",
                                  .std_error_s3_uri = "s3://b/err",
                                  .result_s3_uri = "s3://b/res",
                                  .result_type = "a/b"}};
  EXPECT_EQ(encode(calculation),
            R"({"CalculationExecutionId":"c","SessionId":"s","Description":"d",)"
            R"("WorkingDirectory":"s3://b/p","Status":{"SubmissionDateTime":1,)"
            R"("CompletionDateTime":2.500,"State":"COMPLETED","StateChangeReason":"why"},)"
            R"("Statistics":{"DpuExecutionInMillis":7,"Progress":"100"},)"
            R"("Result":{"StdOutS3Uri":"s3://b/out","StdErrorS3Uri":"s3://b/err",)"
            R"("ResultS3Uri":"s3://b/res","ResultType":"a/b"}})");
}

TEST(Encoding, AnExecutorIsWrittenMemberByMember) {
  const ExecutorsSummary executor{.executor_id = "e",
                                  .executor_type = ExecutorType::kCoordinator,
                                  .start_date_time = 1668443136123,
                                  .termination_date_time = 1668443136124,
                                  .executor_state = ExecutorState::kRegistered,
                                  .executor_size = 1};
  EXPECT_EQ(
      encode(executor),
      R"({"ExecutorId":"e","ExecutorType":"COORDINATOR","StartDateTime":1668443136123,)"
      R"("TerminationDateTime":1668443136124,"ExecutorState":"REGISTERED","ExecutorSize":1})");
}

}  // namespace
}  // namespace glaux::api
