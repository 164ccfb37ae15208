#include "api/operations.h"

#include <gtest/gtest.h>

#include <set>

#include "api/aws_json.h"
#include "api/digest.h"

namespace glaux::api {
namespace {

// Has every member that any operation requires.
constexpr std::string_view kEverythingRequired =
    R"({"WorkGroup":"w","Name":"w","EngineConfiguration":{},"SessionId":"s",)"
    R"("CalculationExecutionId":"c","NotebookId":"a2c1ebba-ad01-865f-ed2d-a142b7451f7e",)"
    R"("Payload":"{}","Type":"IPYNB","ResourceARN":"arn","Tags":[],"TagKeys":[]})";

TEST(Operations, TheTableIsInTheOrderOfTheRequests) {
  std::set<std::string_view> names;
  for (const Operation& operation : operations()) {
    const auto request = decodeRequest(operation, kEverythingRequired);
    ASSERT_TRUE(request) << operation.name;
    EXPECT_EQ(&operationOf(*request), &operation);
    EXPECT_EQ(operationName(*request), operation.name);
    EXPECT_TRUE(names.insert(operation.name).second);
  }
}

TEST(Operations, AreFoundByTheirExactTargetOnly) {
  for (const Operation& operation : operations()) {
    EXPECT_EQ(findOperation("AmazonAthena." + std::string(operation.name)), &operation);
  }
  for (const char* target : {"", "AmazonAthena.", "StartSession", "amazonathena.StartSession",
                             "AmazonAthena.startSession", "AmazonAthena.StartSession ",
                             "AmazonAthena.StartQueryExecution"}) {
    EXPECT_EQ(findOperation(target), nullptr) << target;
  }
}

TEST(Operations, OnlyWhatChangesSomethingIsMutating) {
  std::set<std::string_view> mutating;
  for (const Operation& operation : operations()) {
    if (operation.kind == OperationKind::kMutating) mutating.insert(operation.name);
  }
  EXPECT_EQ(mutating,
            (std::set<std::string_view>{
                "StartSession", "TerminateSession", "StartCalculationExecution",
                "StopCalculationExecution", "CreateNotebook", "ImportNotebook", "UpdateNotebook",
                "UpdateNotebookMetadata", "DeleteNotebook", "CreateWorkGroup", "UpdateWorkGroup",
                "DeleteWorkGroup", "TagResource", "UntagResource"}));
}

TEST(Operations, DecodingReportsWhatIsWrong) {
  const Operation& operation = *findOperation("AmazonAthena.GetSession");
  EXPECT_EQ(decodeRequest(operation, "nonsense").error(), errors::serialization());
  EXPECT_EQ(decodeRequest(operation, "{}").error().athena_error_code, "INVALID_INPUT");
}

TEST(Operations, RequestsEncodeToWhatDecodesToThem) {
  for (const Operation& operation : operations()) {
    const auto request = decodeRequest(operation, kEverythingRequired);
    EXPECT_EQ(decodeRequest(operation, encodeRequest(*request)), request) << operation.name;
  }
}

Request start(std::string_view body) {
  auto request = decodeRequest(*findOperation("AmazonAthena.StartCalculationExecution"), body);
  EXPECT_TRUE(request) << body;
  return *request;
}

TEST(Operations, ParametersForIdempotencyDependOnMeaningOnly) {
  const std::string token = R"("ClientRequestToken":"00000000000000000000000000000000")";
  const std::string other = R"("ClientRequestToken":"11111111111111111111111111111111")";
  const auto parameters = [](const std::string& body) {
    return parametersForIdempotency(start(body));
  };
  const std::string canonical = R"({"SessionId":"s","CodeBlock":"1"})";
  EXPECT_EQ(parameters(R"({"SessionId":"s","CodeBlock":"1",)" + token + "}"), canonical);
  EXPECT_EQ(parameters(R"({"SessionId":"s","CodeBlock":"1",)" + other + "}"), canonical);
  EXPECT_EQ(parameters(R"({"CodeBlock":"1", "Description":null, "X":1, "SessionId":"s"})"),
            canonical);
  EXPECT_NE(parameters(R"({"SessionId":"s","CodeBlock":"2"})"), canonical);
  EXPECT_NE(parameters(R"({"SessionId":"s","CodeBlock":"1","Description":"d"})"), canonical);
}

TEST(Operations, TokensAreFoundWhereThereAreAny) {
  const std::string token(32, 'T');
  EXPECT_EQ(clientRequestToken(start(R"({"SessionId":"s","ClientRequestToken":")" + token + "\"}")),
            token);
  EXPECT_EQ(clientRequestToken(start(R"({"SessionId":"s"})")), std::nullopt);
  EXPECT_EQ(clientRequestToken(GetSessionRequest{.session_id = "s"}), std::nullopt);
}

TEST(Digest, IsSha256) {
  EXPECT_EQ(toHex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(toHex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace glaux::api
