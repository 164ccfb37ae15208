// The model's named types: what a value of each must satisfy. Names are the model's.
//
// Where models of different years differ, the newest holds.
#pragma once

#include "api/field.h"

namespace glaux::api::constraints {

// Decide the patterns below. They scan once and never recurse, however long the value is.
namespace matches {
bool workGroupName(std::string_view value);
bool printable(std::string_view value);
bool notebookName(std::string_view value);
bool uuid(std::string_view value);
bool roleArn(std::string_view value);
bool kmsKey(std::string_view value);
bool awsAccountId(std::string_view value);
bool s3Uri(std::string_view value);
bool logGroup(std::string_view value);
bool logStreamNamePrefix(std::string_view value);
}  // namespace matches

inline constexpr Constraint kWorkGroupName{
    .pattern = {"[a-zA-Z0-9._-]{1,128}", matches::workGroupName}};
inline constexpr Constraint kSessionId{.min = 1, .max = 256};
inline constexpr Constraint kCalculationExecutionId{.min = 1, .max = 36};
inline constexpr Constraint kDescription{.min = 1, .max = 1024};
inline constexpr Constraint kWorkGroupDescription{.min = 0, .max = 1024};
inline constexpr Constraint kNameString{.min = 1, .max = 128};
inline constexpr Constraint kIdempotencyToken{.min = 32, .max = 128};
inline constexpr Pattern kUuidPattern{
    "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}", matches::uuid};
inline constexpr Constraint kClientRequestToken{.min = 1, .max = 36, .pattern = kUuidPattern};
inline constexpr Constraint kNotebookId{.min = 1, .max = 36, .pattern = kUuidPattern};
inline constexpr Constraint kNotebookName{
    .min = 1,
    .max = 255,
    .pattern = {R"((?!.*[/:\\])[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]+)",
                matches::notebookName}};
inline constexpr Constraint kPayload{.min = 1, .max = 10'485'760};
inline constexpr Constraint kCodeBlock{.max = 68000};

inline constexpr Constraint kMaxResults{.min = 1, .max = 100};
inline constexpr Constraint kMaxWorkGroups{.min = 1, .max = 50};
inline constexpr Constraint kMaxNotebooks{.min = 1, .max = 50};
inline constexpr Constraint kMaxTags{.min = 75};
inline constexpr Constraint kMaxEngineVersions{.min = 1, .max = 10};
inline constexpr Constraint kSessionManagerToken{.max = 2048};
inline constexpr Constraint kToken{.min = 1, .max = 1024};

inline constexpr Constraint kDpuSize{.min = 1, .max = 1};
inline constexpr Constraint kMaxConcurrentDpus{.min = 2, .max = 5000};
inline constexpr Constraint kSessionIdleTimeoutInMinutes{.min = 1, .max = 480};

inline constexpr Constraint kKeyString{
    .min = 1,
    .max = 255,
    .pattern = {R"([\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*)", matches::printable}};
inline constexpr Constraint kParametersMapValue{.max = 51200};
inline constexpr Constraint kParametersMap{.key = &kKeyString, .element = &kParametersMapValue};

inline constexpr Constraint kAmazonResourceName{.min = 1, .max = 1011};
inline constexpr Constraint kTagKey{.min = 1, .max = 128};
inline constexpr Constraint kTagValue{.min = 0, .max = 256};

inline constexpr Constraint kRoleArn{
    .min = 20,
    .max = 2048,
    .pattern = {R"(^arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$)", matches::roleArn}};
inline constexpr Constraint kKmsKey{
    .min = 1,
    .max = 2048,
    .pattern = {R"(^arn:aws[a-z\-]*:kms:([a-z0-9\-]+):\d{12}:key/?[a-zA-Z_0-9+=,.@\-_/]+$|)"
                R"(^arn:aws[a-z\-]*:kms:([a-z0-9\-]+):\d{12}:alias/?[a-zA-Z_0-9+=,.@\-_/]+$|)"
                R"(^alias/[a-zA-Z0-9/_-]+$|)"
                R"([a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12})",
                matches::kmsKey}};
inline constexpr Constraint kAwsAccountId{
    .min = 12, .max = 12, .pattern = {"^[0-9]+$", matches::awsAccountId}};
inline constexpr Constraint kS3Uri{.max = 1024,
                                   .pattern = {"^(https|s3|S3)://([^/]+)/?(.*)$", matches::s3Uri}};
inline constexpr Constraint kLogGroup{
    .min = 1, .max = 512, .pattern = {"[a-zA-Z0-9._/-]+", matches::logGroup}};
inline constexpr Constraint kLogStreamNamePrefix{
    .min = 1, .max = 512, .pattern = {"[^:*]*", matches::logStreamNamePrefix}};
inline constexpr Constraint kBytesScannedCutoff{.min = 10'000'000};
inline constexpr Constraint kIdentityCenterInstanceArn{.min = 0, .max = 255};

}  // namespace glaux::api::constraints
