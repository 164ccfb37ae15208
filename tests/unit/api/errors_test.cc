#include "api/errors.h"

#include <gtest/gtest.h>

namespace glaux::api {
namespace {

TEST(Errors, BodiesRepeatTheAthenaErrorCodeAsErrorCode) {
  EXPECT_EQ(encodeError(errors::workGroupNotFound()),
            R"({"__type":"InvalidRequestException","Message":"WorkGroup is not found.",)"
            R"("AthenaErrorCode":"INVALID_INPUT","ErrorCode":"INVALID_INPUT"})");
}

TEST(Errors, AnEmptyMessageIsLeftOut) {
  EXPECT_EQ(encodeError(errors::unknownOperation()), R"({"__type":"UnknownOperationException"})");
  EXPECT_EQ(encodeError(errors::serialization()), R"({"__type":"SerializationException"})");
  EXPECT_EQ(encodeError(errors::serialization("Expected null")),
            R"({"__type":"SerializationException","Message":"Expected null"})");
}

TEST(Errors, ExtraMembersFollowTheMessage) {
  EXPECT_EQ(encodeError({.code = ErrorCode::kResourceNotFound,
                         .message = "m",
                         .athena_error_code = std::nullopt,
                         .resource_name = "r",
                         .reason = "CONCURRENT_QUERY_LIMIT_EXCEEDED"}),
            R"({"__type":"ResourceNotFoundException","Message":"m","ResourceName":"r",)"
            R"("Reason":"CONCURRENT_QUERY_LIMIT_EXCEEDED"})");
}

TEST(Errors, MessagesAreEscaped) {
  EXPECT_EQ(encodeError(errors::malformedPageToken("a\"b\xff")),
            R"({"__type":"InvalidRequestException",)"
            "\"Message\":\"The nextPageToken is malformed: a\\\"b\uFFFD\","
            R"("AthenaErrorCode":"INVALID_INPUT","ErrorCode":"INVALID_INPUT"})");
}

TEST(Errors, StatusesAreTheOnesClientsExpect) {
  EXPECT_EQ(httpStatus(errors::workGroupNotFound()), 400);
  EXPECT_EQ(httpStatus(errors::serialization()), 400);
  EXPECT_EQ(httpStatus(errors::maximumAllowedSessions(0, 1, 2)), 400);
  EXPECT_EQ(httpStatus(errors::throttled()), 400);
  EXPECT_EQ(httpStatus(errors::internal("x")), 500);
  EXPECT_EQ(httpStatus(errors::unavailable("x")), 503);
}

struct Sentence {
  Error error;
  std::string type;
  std::string message;
};

TEST(Errors, SentencesAreTheOnesClientsMatchOn) {
  const Sentence sentences[] = {
      {errors::sessionNotIdle(SessionState::kBusy), "InvalidRequestException",
       "Session is in the BUSY state; needs to be IDLE to accept Calculations."},
      {errors::sessionNotIdle(SessionState::kTerminated), "InvalidRequestException",
       "Session is in the TERMINATED state; needs to be IDLE to accept Calculations."},
      {errors::workGroupNotSpark(), "InvalidRequestException",
       "Workgroup EngineVersion is not Spark."},
      {errors::notebookVersionRequired(), "InvalidRequestException",
       "NotebookVersion is required when NotebookId is provided."},
      {errors::workGroupAlreadyExists(), "InvalidRequestException", "WorkGroup already exists"},
      {errors::primaryCannotBeCreated(), "InvalidRequestException",
       "primary workGroup could not be created"},
      {errors::executionRoleMissing(), "InvalidRequestException", "executionRole is null or empty"},
      {errors::tagsEmpty(), "InvalidRequestException",
       "Tags provided upon WorkGroup creation must not be empty"},
      {errors::workGroupNotEmpty("w"), "InvalidRequestException", "WorkGroup w is not empty"},
      {errors::malformedPageToken("t"), "InvalidRequestException",
       "The nextPageToken is malformed: t"},
      {errors::throttled(), "ThrottlingException", "Rate exceeded"},
      {errors::maximumAllowedSessions(60, 20, 64), "TooManyRequestsException",
       "Maximum allowed sessions reached: 60 of 64 DPUs are in use and the session asks for 20."},
  };
  for (const Sentence& sentence : sentences) {
    EXPECT_EQ(typeName(sentence.error.code), sentence.type);
    EXPECT_EQ(sentence.error.message, sentence.message);
  }
}

TEST(Errors, UnknownIdsAreInvalidRequestsThatNameTheId) {
  for (const Error& error : {errors::sessionNotFound("id-1"), errors::calculationNotFound("id-1"),
                             errors::notebookNotFound("id-1")}) {
    EXPECT_EQ(error.code, ErrorCode::kInvalidRequest);
    EXPECT_NE(error.message.find("id-1"), std::string::npos);
  }
}

TEST(Errors, AMismatchedTokenHasItsOwnAthenaErrorCode) {
  const Error error = errors::idempotentParametersDoNotMatch();
  EXPECT_EQ(error.message, "Idempotent parameters do not match");
  EXPECT_EQ(error.athena_error_code, "IDEMPOTENT_PARAMETER_MISMATCH");
}

}  // namespace
}  // namespace glaux::api
