// Golden JSON of every struct with every member set: it decodes, and encodes to the same bytes.
#include <gtest/gtest.h>

#include <initializer_list>

#include "api/aws_json.h"
#include "api/field.h"

namespace glaux::api {
namespace {

std::string join(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts) joined += part;
  return joined;
}

// Nested structures, reused in what holds them.
const std::string kMap = R"({"a":"1","b":"é"})";
const std::string kClassification = join({R"({"Name":"n","Properties":)", kMap, "}"});
const std::string kEngine =
    join({R"({"CoordinatorDpuSize":1,"MaxConcurrentDpus":20,"DefaultExecutorDpuSize":1,)"
          R"("AdditionalConfigs":)",
          kMap, R"(,"SparkProperties":)", kMap, R"(,"Classifications":[)", kClassification, ",",
          kClassification, "]}"});
const std::string kEngineVersion =
    R"({"SelectedEngineVersion":"AUTO","EffectiveEngineVersion":"Athena engine version 3"})";
const std::string kKmsKey = R"("KmsKey":"alias/key")";
const std::string kEncryption = join({R"({"EncryptionOption":"CSE_KMS",)", kKmsKey, "}"});
const std::string kCloudWatch = R"({"Enabled":true,"LogGroup":"/g","LogStreamNamePrefix":"p",)"
                                R"("LogTypes":{"DRIVER":["STDOUT","STDERR"],"WORKER":[]}})";
const std::string kManagedLogging = join({R"({"Enabled":true,)", kKmsKey, "}"});
const std::string kS3Logging =
    join({R"({"Enabled":true,)", kKmsKey, R"(,"LogLocation":"s3://b/k"})"});
const std::string kMonitoring = join({R"({"CloudWatchLoggingConfiguration":)", kCloudWatch,
                                      R"(,"ManagedLoggingConfiguration":)", kManagedLogging,
                                      R"(,"S3LoggingConfiguration":)", kS3Logging, "}"});
const std::string kTag = R"({"Key":"k","Value":""})";
const std::string kRole = R"("ExecutionRole":"arn:aws:iam::123456789012:role/r")";
const std::string kToken = R"("ClientRequestToken":"0123456789abcdef0123456789ABCDEF")";
const std::string kPage = R"("MaxResults":10,"NextToken":"t")";

const std::string kSessionConfiguration = join(
    {"{", kRole,
     R"(,"WorkingDirectory":"s3://b/p","IdleTimeoutSeconds":1200,"SessionIdleTimeoutInMinutes":20,)"
     R"("EncryptionConfiguration":)",
     kEncryption, "}"});
const std::string kSessionStatus =
    R"({"StartDateTime":1668443136.123,"LastModifiedDateTime":1668443137,)"
    R"("EndDateTime":1668443138.001,"IdleSinceDateTime":1668443139.900,"State":"IDLE",)"
    R"("StateChangeReason":"why"})";
const std::string kSessionStatistics = R"({"DpuExecutionInMillis":9007199254740993})";
const std::string kSessionSummary =
    join({R"({"SessionId":"s","Description":"d","EngineVersion":)", kEngineVersion,
          R"(,"NotebookVersion":"n","Status":)", kSessionStatus, "}"});
const std::string kExecutor =
    R"({"ExecutorId":"e","ExecutorType":"WORKER","StartDateTime":1,"TerminationDateTime":2,)"
    R"("ExecutorState":"REGISTERED","ExecutorSize":1})";

const std::string kCalculationStatus =
    R"({"SubmissionDateTime":1668443136.123,"CompletionDateTime":1668443137,)"
    R"("State":"COMPLETED","StateChangeReason":"why"})";
const std::string kCalculationStatistics = R"({"DpuExecutionInMillis":5,"Progress":"100%"})";
const std::string kCalculationResult =
    R"({"StdOutS3Uri":"s3://b/o","StdErrorS3Uri":"s3://b/e","ResultS3Uri":"s3://b/r",)"
    R"("ResultType":"application/vnd.aws.athena.v1+json"})";
const std::string kCalculationSummary =
    join({R"({"CalculationExecutionId":"c","Description":"d","Status":)", kCalculationStatus, "}"});
const std::string kCalculationId = R"({"CalculationExecutionId":"c"})";
const std::string kSessionId = R"({"SessionId":"s"})";

const std::string kAcl = R"({"S3AclOption":"BUCKET_OWNER_FULL_CONTROL"})";
const std::string kResultConfiguration =
    join({R"({"OutputLocation":"s3://b/p","EncryptionConfiguration":)", kEncryption,
          R"(,"ExpectedBucketOwner":"123456789012","AclConfiguration":)", kAcl, "}"});
const std::string kKmsKeyOnly = join({"{", kKmsKey, "}"});
const std::string kManagedResults =
    join({R"({"Enabled":true,"EncryptionConfiguration":)", kKmsKeyOnly, "}"});
const std::string kIdentityCenter =
    R"({"EnableIdentityCenter":false,"IdentityCenterInstanceArn":"arn"})";
const std::string kAccessGrants = R"({"EnableS3AccessGrants":true,"CreateUserLevelPrefix":false,)"
                                  R"("AuthenticationType":"DIRECTORY_IDENTITY"})";
const std::string kWorkGroupConfiguration =
    join({R"({"ResultConfiguration":)", kResultConfiguration,
          R"(,"ManagedQueryResultsConfiguration":)", kManagedResults,
          R"(,"EnforceWorkGroupConfiguration":true,"PublishCloudWatchMetricsEnabled":false,)"
          R"("BytesScannedCutoffPerQuery":10000000,"RequesterPaysEnabled":false,"EngineVersion":)",
          kEngineVersion, R"(,"AdditionalConfiguration":"{}",)", kRole,
          R"(,"MonitoringConfiguration":)", kMonitoring, R"(,"EngineConfiguration":)", kEngine,
          R"(,"CustomerContentEncryptionConfiguration":)", kKmsKeyOnly,
          R"(,"EnableMinimumEncryptionConfiguration":false,"IdentityCenterConfiguration":)",
          kIdentityCenter, R"(,"QueryResultsS3AccessGrantsConfiguration":)", kAccessGrants, "}"});
const std::string kWorkGroup = join(
    {R"({"Name":"w","State":"ENABLED","Configuration":)", kWorkGroupConfiguration,
     R"(,"Description":"d","CreationTime":1668443136.123,"IdentityCenterApplicationArn":"arn"})"});
const std::string kWorkGroupSummary =
    join({R"({"Name":"w","State":"DISABLED","Description":"","CreationTime":1668443136.123,)"
          R"("EngineVersion":)",
          kEngineVersion, R"(,"IdentityCenterApplicationArn":"arn"})"});

const std::string kNotebookId = R"("NotebookId":"a2c1ebba-ad01-865f-ed2d-a142b7451f7e")";
const std::string kUuidToken = R"("ClientRequestToken":"a2c1ebba-ad01-865f-ed2d-a142b7451f7e")";
const std::string kNotebookMetadata =
    join({"{", kNotebookId,
          R"(,"Name":"n","WorkGroup":"w","CreationTime":1668443136.123,"Type":"IPYNB",)"
          R"("LastModifiedTime":1668443137})"});

// Every member is set in object, and named in the text.
void expectComplete(const Shape& shape, const void* object, const std::string& golden) {
  for (const Field& field : shape.fields) {
    EXPECT_TRUE(field.has(object, field.presence)) << field.name;
    EXPECT_NE(golden.find("\"" + std::string(field.name) + "\":"), std::string::npos) << field.name;
  }
}

template <typename T>
bool survives(const T& value) {
  const auto decoded = decode<T>(encode(value));
  return decoded && *decoded == value;
}

template <typename T>
void expectRoundTrip(const std::string& golden) {
  SCOPED_TRACE(golden);
  const auto value = decodeValidated<T>(golden);
  ASSERT_TRUE(value) << value.error().message;
  expectComplete(shapeOf<T>(), &*value, golden);
  EXPECT_EQ(encode(*value), golden);
  EXPECT_TRUE(survives(*value));
  EXPECT_TRUE(survives(T{}));
}

TEST(RoundTrip, Engines) {
  expectRoundTrip<Classification>(kClassification);
  expectRoundTrip<EngineConfiguration>(kEngine);
  expectRoundTrip<EngineVersion>(kEngineVersion);
  expectRoundTrip<EncryptionConfiguration>(kEncryption);
  expectRoundTrip<CloudWatchLoggingConfiguration>(kCloudWatch);
  expectRoundTrip<ManagedLoggingConfiguration>(kManagedLogging);
  expectRoundTrip<S3LoggingConfiguration>(kS3Logging);
  expectRoundTrip<MonitoringConfiguration>(kMonitoring);
  expectRoundTrip<Tag>(kTag);
}

TEST(RoundTrip, Sessions) {
  expectRoundTrip<SessionConfiguration>(kSessionConfiguration);
  expectRoundTrip<SessionStatus>(kSessionStatus);
  expectRoundTrip<SessionStatistics>(kSessionStatistics);
  expectRoundTrip<SessionSummary>(kSessionSummary);
  expectRoundTrip<StartSessionRequest>(
      join({R"({"WorkGroup":"w","EngineConfiguration":)", kEngine, R"(,"Description":"d",)", kRole,
            R"(,"MonitoringConfiguration":)", kMonitoring,
            R"(,"NotebookVersion":"n","SessionIdleTimeoutInMinutes":480,)", kToken, R"(,"Tags":[)",
            kTag, R"(],"CopyWorkGroupTags":true})"}));
  expectRoundTrip<StartSessionResponse>(R"({"SessionId":"s","State":"CREATED"})");
  expectRoundTrip<GetSessionRequest>(kSessionId);
  expectRoundTrip<GetSessionResponse>(
      join({R"({"SessionId":"s","Description":"d","WorkGroup":"w",)"
            R"("EngineVersion":"PySpark engine version 3","EngineConfiguration":)",
            kEngine, R"(,"NotebookVersion":"n","MonitoringConfiguration":)", kMonitoring,
            R"(,"SessionConfiguration":)", kSessionConfiguration, R"(,"Status":)", kSessionStatus,
            R"(,"Statistics":)", kSessionStatistics, "}"}));
  expectRoundTrip<GetSessionStatusRequest>(kSessionId);
  expectRoundTrip<GetSessionStatusResponse>(
      join({R"({"SessionId":"s","Status":)", kSessionStatus, "}"}));
  expectRoundTrip<ListSessionsRequest>(
      join({R"({"WorkGroup":"w","StateFilter":"BUSY",)", kPage, "}"}));
  expectRoundTrip<ListSessionsResponse>(
      join({R"({"NextToken":"t","Sessions":[)", kSessionSummary, ",", kSessionSummary, "]}"}));
  expectRoundTrip<TerminateSessionRequest>(kSessionId);
  expectRoundTrip<TerminateSessionResponse>(R"({"State":"TERMINATED"})");
}

TEST(RoundTrip, Executors) {
  expectRoundTrip<ListExecutorsRequest>(
      join({R"({"SessionId":"s","ExecutorStateFilter":"FAILED",)", kPage, "}"}));
  expectRoundTrip<ExecutorsSummary>(kExecutor);
  expectRoundTrip<ListExecutorsResponse>(
      join({R"({"SessionId":"s","NextToken":"t","ExecutorsSummary":[)", kExecutor, "]}"}));
}

TEST(RoundTrip, Calculations) {
  expectRoundTrip<CalculationConfiguration>(R"({"CodeBlock":"print(1)\n"})");
  expectRoundTrip<CalculationStatus>(kCalculationStatus);
  expectRoundTrip<CalculationStatistics>(kCalculationStatistics);
  expectRoundTrip<CalculationResult>(kCalculationResult);
  expectRoundTrip<CalculationSummary>(kCalculationSummary);
  expectRoundTrip<StartCalculationExecutionRequest>(
      join({R"({"SessionId":"s","Description":"d","CalculationConfiguration":{"CodeBlock":"x"},)"
            R"("CodeBlock":"y",)",
            kToken, "}"}));
  expectRoundTrip<StartCalculationExecutionResponse>(
      R"({"CalculationExecutionId":"c","State":"QUEUED"})");
  expectRoundTrip<GetCalculationExecutionRequest>(kCalculationId);
  expectRoundTrip<GetCalculationExecutionResponse>(
      join({R"({"CalculationExecutionId":"c","SessionId":"s","Description":"d",)"
            R"("WorkingDirectory":"s3://b/p","Status":)",
            kCalculationStatus, R"(,"Statistics":)", kCalculationStatistics, R"(,"Result":)",
            kCalculationResult, "}"}));
  expectRoundTrip<GetCalculationExecutionStatusRequest>(kCalculationId);
  expectRoundTrip<GetCalculationExecutionStatusResponse>(join(
      {R"({"Status":)", kCalculationStatus, R"(,"Statistics":)", kCalculationStatistics, "}"}));
  expectRoundTrip<GetCalculationExecutionCodeRequest>(kCalculationId);
  expectRoundTrip<GetCalculationExecutionCodeResponse>(R"({"CodeBlock":"\"\\\u0001 🦉"})");
  expectRoundTrip<ListCalculationExecutionsRequest>(
      join({R"({"SessionId":"s","StateFilter":"CANCELING",)", kPage, "}"}));
  expectRoundTrip<ListCalculationExecutionsResponse>(
      join({R"({"NextToken":"t","Calculations":[)", kCalculationSummary, "]}"}));
  expectRoundTrip<StopCalculationExecutionRequest>(kCalculationId);
  expectRoundTrip<StopCalculationExecutionResponse>(R"({"State":"CANCELED"})");
}

TEST(RoundTrip, WorkGroups) {
  expectRoundTrip<AclConfiguration>(kAcl);
  expectRoundTrip<ResultConfiguration>(kResultConfiguration);
  expectRoundTrip<CustomerContentEncryptionConfiguration>(kKmsKeyOnly);
  expectRoundTrip<ManagedQueryResultsEncryptionConfiguration>(kKmsKeyOnly);
  expectRoundTrip<ManagedQueryResultsConfiguration>(kManagedResults);
  expectRoundTrip<IdentityCenterConfiguration>(kIdentityCenter);
  expectRoundTrip<QueryResultsS3AccessGrantsConfiguration>(kAccessGrants);
  expectRoundTrip<WorkGroupConfiguration>(kWorkGroupConfiguration);
  expectRoundTrip<WorkGroup>(kWorkGroup);
  expectRoundTrip<WorkGroupSummary>(kWorkGroupSummary);
  expectRoundTrip<CreateWorkGroupRequest>(
      join({R"({"Name":"w","Configuration":)", kWorkGroupConfiguration,
            R"(,"Description":"","Tags":[)", kTag, "]}"}));
  expectRoundTrip<CreateWorkGroupResponse>("{}");
  expectRoundTrip<GetWorkGroupRequest>(R"({"WorkGroup":"w"})");
  expectRoundTrip<GetWorkGroupResponse>(join({R"({"WorkGroup":)", kWorkGroup, "}"}));
  expectRoundTrip<ListWorkGroupsRequest>(join({"{", kPage, "}"}));
  expectRoundTrip<ListWorkGroupsResponse>(
      join({R"({"WorkGroups":[)", kWorkGroupSummary, R"(],"NextToken":"t"})"}));
}

TEST(RoundTrip, WorkGroupUpdates) {
  const std::string results =
      join({R"({"OutputLocation":"s3://b/p","RemoveOutputLocation":false,)"
            R"("EncryptionConfiguration":)",
            kEncryption,
            R"(,"RemoveEncryptionConfiguration":true,"ExpectedBucketOwner":"123456789012",)"
            R"("RemoveExpectedBucketOwner":true,"AclConfiguration":)",
            kAcl, R"(,"RemoveAclConfiguration":true})"});
  const std::string managed = join({R"({"Enabled":true,"EncryptionConfiguration":)", kKmsKeyOnly,
                                    R"(,"RemoveEncryptionConfiguration":true})"});
  const std::string updates =
      join({R"({"EnforceWorkGroupConfiguration":true,"ResultConfigurationUpdates":)", results,
            R"(,"ManagedQueryResultsConfigurationUpdates":)", managed,
            R"(,"PublishCloudWatchMetricsEnabled":false,"BytesScannedCutoffPerQuery":10000000,)"
            R"("RemoveBytesScannedCutoffPerQuery":true,"RequesterPaysEnabled":false,)"
            R"("EngineVersion":)",
            kEngineVersion,
            R"(,"RemoveCustomerContentEncryptionConfiguration":true,)"
            R"("AdditionalConfiguration":"{}",)",
            kRole, R"(,"CustomerContentEncryptionConfiguration":)", kKmsKeyOnly,
            R"(,"EnableMinimumEncryptionConfiguration":false,)"
            R"("QueryResultsS3AccessGrantsConfiguration":)",
            kAccessGrants, R"(,"MonitoringConfiguration":)", kMonitoring,
            R"(,"EngineConfiguration":)", kEngine, "}"});
  expectRoundTrip<ResultConfigurationUpdates>(results);
  expectRoundTrip<ManagedQueryResultsConfigurationUpdates>(managed);
  expectRoundTrip<WorkGroupConfigurationUpdates>(updates);
  expectRoundTrip<UpdateWorkGroupRequest>(
      join({R"({"WorkGroup":"w","Description":"","ConfigurationUpdates":)", updates,
            R"(,"State":"DISABLED"})"}));
  expectRoundTrip<UpdateWorkGroupResponse>("{}");
  expectRoundTrip<DeleteWorkGroupRequest>(R"({"WorkGroup":"w","RecursiveDeleteOption":true})");
  expectRoundTrip<DeleteWorkGroupResponse>("{}");
  expectRoundTrip<AdditionalConfiguration>(
      R"({"CalculationMode":"queue","SessionIdleTimeoutInMinutes":60,"Network":"bridge"})");
}

TEST(RoundTrip, Notebooks) {
  expectRoundTrip<NotebookMetadata>(kNotebookMetadata);
  expectRoundTrip<CreateNotebookRequest>(
      join({R"({"WorkGroup":"w","Name":"n 🦉",)", kUuidToken, "}"}));
  expectRoundTrip<CreateNotebookResponse>(join({"{", kNotebookId, "}"}));
  expectRoundTrip<ImportNotebookRequest>(
      join({R"({"WorkGroup":"w","Name":"n","Payload":"{}\n","Type":"IPYNB",)"
            R"("NotebookS3LocationUri":"s3://b/k",)",
            kUuidToken, "}"}));
  expectRoundTrip<ImportNotebookResponse>(join({"{", kNotebookId, "}"}));
  expectRoundTrip<ExportNotebookRequest>(join({"{", kNotebookId, "}"}));
  expectRoundTrip<ExportNotebookResponse>(
      join({R"({"NotebookMetadata":)", kNotebookMetadata, R"(,"Payload":"{}"})"}));
  expectRoundTrip<UpdateNotebookRequest>(join(
      {"{", kNotebookId, R"(,"Payload":"{}","Type":"IPYNB","SessionId":"s",)", kUuidToken, "}"}));
  expectRoundTrip<UpdateNotebookResponse>("{}");
  expectRoundTrip<UpdateNotebookMetadataRequest>(
      join({"{", kNotebookId, ",", kUuidToken, R"(,"Name":"n"})"}));
  expectRoundTrip<UpdateNotebookMetadataResponse>("{}");
  expectRoundTrip<DeleteNotebookRequest>(join({"{", kNotebookId, "}"}));
  expectRoundTrip<DeleteNotebookResponse>("{}");
  expectRoundTrip<GetNotebookMetadataRequest>(join({"{", kNotebookId, "}"}));
  expectRoundTrip<GetNotebookMetadataResponse>(
      join({R"({"NotebookMetadata":)", kNotebookMetadata, "}"}));
  expectRoundTrip<FilterDefinition>(R"({"Name":"n"})");
  expectRoundTrip<ListNotebookMetadataRequest>(
      R"({"Filters":{"Name":"n"},"NextToken":"t","MaxResults":10,"WorkGroup":"w"})");
  expectRoundTrip<ListNotebookMetadataResponse>(
      join({R"({"NextToken":"t","NotebookMetadataList":[)", kNotebookMetadata, "]}"}));
  expectRoundTrip<NotebookSessionSummary>(R"({"SessionId":"s","CreationTime":1668443136.123})");
  expectRoundTrip<ListNotebookSessionsRequest>(join({"{", kNotebookId, ",", kPage, "}"}));
  expectRoundTrip<ListNotebookSessionsResponse>(
      R"({"NotebookSessionsList":[{"SessionId":"s","CreationTime":1}],"NextToken":"t"})");
}

TEST(RoundTrip, Tags) {
  const std::string resource = R"("ResourceARN":"arn:aws:athena:r:123456789012:workgroup/w")";
  expectRoundTrip<TagResourceRequest>(join({"{", resource, R"(,"Tags":[)", kTag, "]}"}));
  expectRoundTrip<TagResourceResponse>("{}");
  expectRoundTrip<UntagResourceRequest>(join({"{", resource, R"(,"TagKeys":["a","b"]})"}));
  expectRoundTrip<UntagResourceResponse>("{}");
  expectRoundTrip<ListTagsForResourceRequest>(
      join({"{", resource, R"(,"NextToken":"t","MaxResults":75})"}));
  expectRoundTrip<ListTagsForResourceResponse>(
      join({R"({"Tags":[)", kTag, R"(],"NextToken":"t"})"}));
}

TEST(RoundTrip, WhatComesLater) {
  expectRoundTrip<GetSessionEndpointRequest>(kSessionId);
  expectRoundTrip<CreatePresignedNotebookUrlRequest>(kSessionId);
  expectRoundTrip<GetResourceDashboardRequest>(R"({"ResourceARN":"arn"})");
}

TEST(RoundTrip, EngineLists) {
  expectRoundTrip<ListEngineVersionsRequest>(join({"{", kPage, "}"}));
  expectRoundTrip<ListEngineVersionsResponse>(
      R"({"EngineVersions":[{"SelectedEngineVersion":"AUTO","EffectiveEngineVersion":"v"}],)"
      R"("NextToken":"t"})");
  expectRoundTrip<ListApplicationDpuSizesRequest>(join({"{", kPage, "}"}));
  expectRoundTrip<ListApplicationDpuSizesResponse>(
      R"({"ApplicationDPUSizes":[{"ApplicationRuntimeId":"r","SupportedDPUSizes":[1]}],)"
      R"("NextToken":"t"})");
}

template <WireEnum E>
void expectNamesParse() {
  for (std::size_t i = 0; i < namesOf<E>().size(); ++i) {
    const auto value = static_cast<E>(i);
    EXPECT_EQ(parse<E>(name(value)), value);
  }
  EXPECT_EQ(parse<E>(""), std::nullopt);
  EXPECT_EQ(parse<E>("idle"), std::nullopt);
}

TEST(RoundTrip, EnumerationsParseTheirOwnNames) {
  expectNamesParse<SessionState>();
  expectNamesParse<CalculationState>();
  expectNamesParse<ExecutorState>();
  expectNamesParse<ExecutorType>();
  expectNamesParse<WorkGroupState>();
  expectNamesParse<NotebookType>();
  expectNamesParse<CalculationMode>();
  expectNamesParse<Network>();
  expectNamesParse<EncryptionOption>();
  expectNamesParse<S3AclOption>();
  expectNamesParse<AuthenticationType>();
  EXPECT_EQ(name(SessionState::kFailed), "FAILED");
  EXPECT_EQ(name(CalculationState::kFailed), "FAILED");
  EXPECT_EQ(name(ExecutorState::kFailed), "FAILED");
}

}  // namespace
}  // namespace glaux::api
