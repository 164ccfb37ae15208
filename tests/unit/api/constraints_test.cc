// The hand-written matchers decide what their regular expressions would.
#include "api/constraints.h"

#include <gtest/gtest.h>

namespace glaux::api::constraints {
namespace {

const std::string kUuid = "a2c1ebba-ad01-865f-ed2d-a142b7451f7e";

struct Case {
  bool (*matches)(std::string_view);
  std::string value;
  bool expected;
};

TEST(Constraints, MatchersDecideTheirPatterns) {
  const Case cases[] = {
      {matches::workGroupName, "a.B_c-9", true},
      {matches::workGroupName, std::string(128, 'x'), true},
      {matches::workGroupName, std::string(129, 'x'), false},
      {matches::workGroupName, "", false},
      {matches::workGroupName, "é", false},
      {matches::workGroupName, "a\n", false},

      {matches::printable, "", true},
      {matches::printable, "tab\t é 🦉 \x7f", true},
      {matches::printable, "\n", false},
      {matches::printable, std::string("\0", 1), false},
      {matches::printable, "\uFFFE", false},

      {matches::notebookName, "Sales 2026 🦉", true},
      {matches::notebookName, "", false},
      {matches::notebookName, "a/b", false},
      {matches::notebookName, "a:b", false},
      {matches::notebookName, "a\\b", false},
      {matches::notebookName, "a\nb", false},

      {matches::uuid, kUuid, true},
      {matches::uuid, kUuid + "0", false},

      {matches::roleArn, "arn:aws:iam::123456789012:role/name", true},
      {matches::roleArn, "arn:aws-us-gov:iam::123456789012:role/a/b+=,.@-_", true},
      {matches::roleArn, "arn:aws:iam::123456789012:rolename", true},
      {matches::roleArn, "arn:aws:iam::123456789012:role/", true},
      {matches::roleArn, "arn:aws:iam::123456789012:role", false},
      {matches::roleArn, "arn:aws:iam::12345678901:role/name", false},
      {matches::roleArn, "arn:aws:iam:us-east-1:123456789012:role/name", false},
      {matches::roleArn, "arn:aws1:iam::123456789012:role/name", false},
      {matches::roleArn, "arn:aws:iam::123456789012:role/na me", false},
      {matches::roleArn, "arn:aws:iam::123456789012:user/name", false},

      {matches::kmsKey, kUuid, true},
      {matches::kmsKey, "A" + kUuid.substr(1), false},
      {matches::kmsKey, kUuid.substr(1), false},
      {matches::kmsKey, "alias/a-b_c/9", true},
      {matches::kmsKey, "alias/", false},
      {matches::kmsKey, "alias/a.b", false},
      {matches::kmsKey, "arn:aws:kms:us-east-1:123456789012:key/" + kUuid, true},
      {matches::kmsKey, "arn:aws:kms:us-east-1:123456789012:alias/name", true},
      {matches::kmsKey, "arn:aws:kms::123456789012:key/" + kUuid, false},
      {matches::kmsKey, "arn:aws:kms:us-east-1:123456789012:grant/x", false},

      {matches::awsAccountId, "123456789012", true},
      {matches::awsAccountId, "12345678901x", false},

      {matches::s3Uri, "s3://bucket/key", true},
      {matches::s3Uri, "S3://bucket", true},
      {matches::s3Uri, "https://bucket/", true},
      {matches::s3Uri, "s3:///key", false},
      {matches::s3Uri, "s3://", false},
      {matches::s3Uri, "http://bucket/", false},
      {matches::s3Uri, "bucket/key", false},

      {matches::logGroup, "/aws-athena/w.g_1", true},
      {matches::logGroup, "a b", false},
      {matches::logStreamNamePrefix, "a b/c", true},
      {matches::logStreamNamePrefix, "a:b", false},
      {matches::logStreamNamePrefix, "a*", false},
  };
  for (const Case& test : cases) EXPECT_EQ(test.matches(test.value), test.expected) << test.value;
}

TEST(Constraints, LongValuesAreNoDanger) {
  const std::string longest(16'000'000, 'a');
  EXPECT_FALSE(matches::workGroupName(longest));
  EXPECT_FALSE(matches::kmsKey(longest));
  EXPECT_TRUE(matches::roleArn("arn:aws:iam::123456789012:role/" + longest));
  EXPECT_TRUE(matches::printable(longest));
}

}  // namespace
}  // namespace glaux::api::constraints
