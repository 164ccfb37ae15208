// Workgroups: named settings that sessions start under. Requests and responses.
//
// The conventions for members are those of sessions.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "api/engines.h"
#include "api/errors.h"
#include "api/tags.h"
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

// What glaux itself reads from a workgroup's AdditionalConfiguration, which the API describes as a
// JSON string for the notebook engine:
// {"CalculationMode":"queue","SessionIdleTimeoutInMinutes":60,"Network":"none"}.
struct AdditionalConfiguration {
  CalculationMode calculation_mode = CalculationMode::kStrict;
  std::optional<std::int32_t> session_idle_timeout_in_minutes;  // for sessions that name none
  std::optional<Network> network;  // else what the settings give to the executor
  bool operator==(const AdditionalConfiguration&) const = default;
};

// Defaults for a text that is no JSON object; other members are somebody else's and are ignored. An
// error if one of ours has a value it cannot have.
tl::expected<AdditionalConfiguration, Error> readAdditionalConfiguration(
    const std::optional<std::string>& text);

// Changes to a ResultConfiguration: members that are set replace, Remove… members take away, and
// win.
struct ResultConfigurationUpdates {
  std::optional<std::string> output_location;
  std::optional<bool> remove_output_location;
  std::optional<EncryptionConfiguration> encryption_configuration;
  std::optional<bool> remove_encryption_configuration;
  std::optional<std::string> expected_bucket_owner;
  std::optional<bool> remove_expected_bucket_owner;
  std::optional<AclConfiguration> acl_configuration;
  std::optional<bool> remove_acl_configuration;
  bool operator==(const ResultConfigurationUpdates&) const = default;
};

struct ManagedQueryResultsConfigurationUpdates {
  std::optional<bool> enabled;
  std::optional<ManagedQueryResultsEncryptionConfiguration> encryption_configuration;
  std::optional<bool> remove_encryption_configuration;
  bool operator==(const ManagedQueryResultsConfigurationUpdates&) const = default;
};

// Changes to a WorkGroupConfiguration, in the same manner.
struct WorkGroupConfigurationUpdates {
  std::optional<bool> enforce_work_group_configuration;
  std::optional<ResultConfigurationUpdates> result_configuration_updates;
  std::optional<ManagedQueryResultsConfigurationUpdates>
      managed_query_results_configuration_updates;
  std::optional<bool> publish_cloud_watch_metrics_enabled;
  std::optional<std::int64_t> bytes_scanned_cutoff_per_query;
  std::optional<bool> remove_bytes_scanned_cutoff_per_query;
  std::optional<bool> requester_pays_enabled;
  std::optional<EngineVersion> engine_version;
  std::optional<bool> remove_customer_content_encryption_configuration;
  std::optional<std::string> additional_configuration;
  std::optional<std::string> execution_role;
  std::optional<CustomerContentEncryptionConfiguration> customer_content_encryption_configuration;
  std::optional<bool> enable_minimum_encryption_configuration;
  std::optional<QueryResultsS3AccessGrantsConfiguration>
      query_results_s3_access_grants_configuration;
  std::optional<MonitoringConfiguration> monitoring_configuration;
  std::optional<EngineConfiguration> engine_configuration;
  bool operator==(const WorkGroupConfigurationUpdates&) const = default;
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

struct UpdateWorkGroupRequest {
  std::string work_group;
  std::optional<std::string> description;  // "" takes it away
  std::optional<WorkGroupConfigurationUpdates> configuration_updates;
  std::optional<WorkGroupState> state;
  bool operator==(const UpdateWorkGroupRequest&) const = default;
};

struct UpdateWorkGroupResponse {
  bool operator==(const UpdateWorkGroupResponse&) const = default;
};

struct DeleteWorkGroupRequest {
  std::string work_group;
  std::optional<bool> recursive_delete_option;
  bool operator==(const DeleteWorkGroupRequest&) const = default;
};

struct DeleteWorkGroupResponse {
  bool operator==(const DeleteWorkGroupResponse&) const = default;
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
