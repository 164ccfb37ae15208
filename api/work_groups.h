// Workgroups: named settings that sessions start under. Requests and responses.
//
// The conventions for members are those of sessions.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/engines.h"
#include "api/types.h"

namespace glaux::api {

struct AclConfiguration {
  S3AclOption s3_acl_option = S3AclOption::kBucketOwnerFullControl;
  bool operator==(const AclConfiguration&) const = default;
};

struct ResultConfiguration {
  std::optional<std::string> output_location;  // s3://bucket/prefix
  std::optional<EncryptionConfiguration> encryption_configuration;
  std::optional<std::string> expected_bucket_owner;
  std::optional<AclConfiguration> acl_configuration;
  bool operator==(const ResultConfiguration&) const = default;
};

struct CustomerContentEncryptionConfiguration {
  std::string kms_key;
  bool operator==(const CustomerContentEncryptionConfiguration&) const = default;
};

struct ManagedQueryResultsEncryptionConfiguration {
  std::string kms_key;
  bool operator==(const ManagedQueryResultsEncryptionConfiguration&) const = default;
};

struct ManagedQueryResultsConfiguration {
  bool enabled = false;
  std::optional<ManagedQueryResultsEncryptionConfiguration> encryption_configuration;
  bool operator==(const ManagedQueryResultsConfiguration&) const = default;
};

struct IdentityCenterConfiguration {
  std::optional<bool> enable_identity_center;
  std::optional<std::string> identity_center_instance_arn;
  bool operator==(const IdentityCenterConfiguration&) const = default;
};

struct QueryResultsS3AccessGrantsConfiguration {
  bool enable_s3_access_grants = false;
  std::optional<bool> create_user_level_prefix;
  AuthenticationType authentication_type = AuthenticationType::kDirectoryIdentity;
  bool operator==(const QueryResultsS3AccessGrantsConfiguration&) const = default;
};

struct WorkGroupConfiguration {
  // Answers always carry it, if only as {}.
  std::optional<ResultConfiguration> result_configuration;
  std::optional<ManagedQueryResultsConfiguration> managed_query_results_configuration;
  std::optional<bool> enforce_work_group_configuration;
  std::optional<bool> publish_cloud_watch_metrics_enabled;
  std::optional<std::int64_t> bytes_scanned_cutoff_per_query;
  std::optional<bool> requester_pays_enabled;
  std::optional<EngineVersion> engine_version;
  std::optional<std::string> additional_configuration;  // JSON text
  std::optional<std::string> execution_role;
  std::optional<MonitoringConfiguration> monitoring_configuration;
  std::optional<EngineConfiguration> engine_configuration;
  std::optional<CustomerContentEncryptionConfiguration> customer_content_encryption_configuration;
  std::optional<bool> enable_minimum_encryption_configuration;
  std::optional<IdentityCenterConfiguration> identity_center_configuration;
  std::optional<QueryResultsS3AccessGrantsConfiguration>
      query_results_s3_access_grants_configuration;
  bool operator==(const WorkGroupConfiguration&) const = default;
};

struct WorkGroup {
  std::string name;
  std::optional<WorkGroupState> state;
  std::optional<WorkGroupConfiguration> configuration;
  std::optional<std::string> description;  // omitted when empty
  std::optional<Timestamp> creation_time;
  std::optional<std::string> identity_center_application_arn;
  bool operator==(const WorkGroup&) const = default;
};

struct WorkGroupSummary {
  std::string name;
  std::optional<WorkGroupState> state;
  std::optional<std::string> description;  // sent as "" when empty, unlike in WorkGroup
  std::optional<Timestamp> creation_time;
  std::optional<EngineVersion> engine_version;
  std::optional<std::string> identity_center_application_arn;
  bool operator==(const WorkGroupSummary&) const = default;
};

struct CreateWorkGroupRequest {
  std::string name;
  std::optional<WorkGroupConfiguration> configuration;
  std::optional<std::string> description;
  std::optional<std::vector<Tag>> tags;  // present but empty is refused, hence optional
  bool operator==(const CreateWorkGroupRequest&) const = default;
};

struct CreateWorkGroupResponse {
  bool operator==(const CreateWorkGroupResponse&) const = default;
};

struct GetWorkGroupRequest {
  std::string work_group;
  bool operator==(const GetWorkGroupRequest&) const = default;
};

struct GetWorkGroupResponse {
  WorkGroup work_group;
  bool operator==(const GetWorkGroupResponse&) const = default;
};

struct ListWorkGroupsRequest {
  std::optional<std::int32_t> max_results;  // 1..50
  std::optional<std::string> next_token;
  bool operator==(const ListWorkGroupsRequest&) const = default;
};

struct ListWorkGroupsResponse {
  std::vector<WorkGroupSummary> work_groups;  // always sent, also when empty
  std::optional<std::string> next_token;      // absent on the last page, never ""
  bool operator==(const ListWorkGroupsResponse&) const = default;
};

}  // namespace glaux::api
