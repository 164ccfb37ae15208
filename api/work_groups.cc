#include "api/work_groups.h"

#include "api/aws_json.h"
#include "api/constraints.h"
#include "api/field.h"
#include "api/json.h"
#include "api/shapes.h"

namespace glaux::api {

using namespace constraints;

template <>
const Shape& shapeOf<AclConfiguration>() {
  using T = AclConfiguration;
  static constexpr Field kFields[] = {
      field<&T::s3_acl_option>("S3AclOption", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ResultConfiguration>() {
  using T = ResultConfiguration;
  static constexpr Field kFields[] = {
      field<&T::output_location>("OutputLocation", kOptional),
      field<&T::encryption_configuration>("EncryptionConfiguration", kOptional),
      field<&T::expected_bucket_owner>("ExpectedBucketOwner", kOptional, kAwsAccountId),
      field<&T::acl_configuration>("AclConfiguration", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CustomerContentEncryptionConfiguration>() {
  using T = CustomerContentEncryptionConfiguration;
  static constexpr Field kFields[] = {
      field<&T::kms_key>("KmsKey", kRequired, kKmsKey),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ManagedQueryResultsEncryptionConfiguration>() {
  using T = ManagedQueryResultsEncryptionConfiguration;
  static constexpr Field kFields[] = {
      field<&T::kms_key>("KmsKey", kRequired, kKmsKey),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ManagedQueryResultsConfiguration>() {
  using T = ManagedQueryResultsConfiguration;
  static constexpr Field kFields[] = {
      field<&T::enabled>("Enabled", kRequired),
      field<&T::encryption_configuration>("EncryptionConfiguration", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<IdentityCenterConfiguration>() {
  using T = IdentityCenterConfiguration;
  static constexpr Field kFields[] = {
      field<&T::enable_identity_center>("EnableIdentityCenter", kOptional),
      field<&T::identity_center_instance_arn>("IdentityCenterInstanceArn", kOptional,
                                              kIdentityCenterInstanceArn),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<QueryResultsS3AccessGrantsConfiguration>() {
  using T = QueryResultsS3AccessGrantsConfiguration;
  static constexpr Field kFields[] = {
      field<&T::enable_s3_access_grants>("EnableS3AccessGrants", kRequired),
      field<&T::create_user_level_prefix>("CreateUserLevelPrefix", kOptional),
      field<&T::authentication_type>("AuthenticationType", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<WorkGroupConfiguration>() {
  using T = WorkGroupConfiguration;
  static constexpr Field kFields[] = {
      field<&T::result_configuration>("ResultConfiguration", kOptional),
      field<&T::managed_query_results_configuration>("ManagedQueryResultsConfiguration", kOptional),
      field<&T::enforce_work_group_configuration>("EnforceWorkGroupConfiguration", kOptional),
      field<&T::publish_cloud_watch_metrics_enabled>("PublishCloudWatchMetricsEnabled", kOptional),
      field<&T::bytes_scanned_cutoff_per_query>("BytesScannedCutoffPerQuery", kOptional,
                                                kBytesScannedCutoff),
      field<&T::requester_pays_enabled>("RequesterPaysEnabled", kOptional),
      field<&T::engine_version>("EngineVersion", kOptional),
      field<&T::additional_configuration>("AdditionalConfiguration", kOptional, kNameString),
      field<&T::execution_role>("ExecutionRole", kOptional, kRoleArn),
      field<&T::monitoring_configuration>("MonitoringConfiguration", kOptional),
      field<&T::engine_configuration>("EngineConfiguration", kOptional),
      field<&T::customer_content_encryption_configuration>("CustomerContentEncryptionConfiguration",
                                                           kOptional),
      field<&T::enable_minimum_encryption_configuration>("EnableMinimumEncryptionConfiguration",
                                                         kOptional),
      field<&T::identity_center_configuration>("IdentityCenterConfiguration", kOptional),
      field<&T::query_results_s3_access_grants_configuration>(
          "QueryResultsS3AccessGrantsConfiguration", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<AdditionalConfiguration>() {
  using T = AdditionalConfiguration;
  static constexpr Field kFields[] = {
      field<&T::calculation_mode>("CalculationMode", kOptional),
      field<&T::session_idle_timeout_in_minutes>("SessionIdleTimeoutInMinutes", kOptional,
                                                 kSessionIdleTimeoutInMinutes),
      field<&T::network>("Network", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

tl::expected<AdditionalConfiguration, Error> readAdditionalConfiguration(
    const std::optional<std::string>& text) {
  if (!text || text->find('{') == std::string::npos || !parseJson(*text))
    return AdditionalConfiguration{};
  auto settings = decodeValidated<AdditionalConfiguration>(*text);
  if (!settings)
    return tl::unexpected(
        errors::validation("AdditionalConfiguration: " + settings.error().message));
  return settings;
}

template <>
const Shape& shapeOf<ResultConfigurationUpdates>() {
  using T = ResultConfigurationUpdates;
  static constexpr Field kFields[] = {
      field<&T::output_location>("OutputLocation", kOptional),
      field<&T::remove_output_location>("RemoveOutputLocation", kOptional),
      field<&T::encryption_configuration>("EncryptionConfiguration", kOptional),
      field<&T::remove_encryption_configuration>("RemoveEncryptionConfiguration", kOptional),
      field<&T::expected_bucket_owner>("ExpectedBucketOwner", kOptional, kAwsAccountId),
      field<&T::remove_expected_bucket_owner>("RemoveExpectedBucketOwner", kOptional),
      field<&T::acl_configuration>("AclConfiguration", kOptional),
      field<&T::remove_acl_configuration>("RemoveAclConfiguration", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ManagedQueryResultsConfigurationUpdates>() {
  using T = ManagedQueryResultsConfigurationUpdates;
  static constexpr Field kFields[] = {
      field<&T::enabled>("Enabled", kOptional),
      field<&T::encryption_configuration>("EncryptionConfiguration", kOptional),
      field<&T::remove_encryption_configuration>("RemoveEncryptionConfiguration", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<WorkGroupConfigurationUpdates>() {
  using T = WorkGroupConfigurationUpdates;
  static constexpr Field kFields[] = {
      field<&T::enforce_work_group_configuration>("EnforceWorkGroupConfiguration", kOptional),
      field<&T::result_configuration_updates>("ResultConfigurationUpdates", kOptional),
      field<&T::managed_query_results_configuration_updates>(
          "ManagedQueryResultsConfigurationUpdates", kOptional),
      field<&T::publish_cloud_watch_metrics_enabled>("PublishCloudWatchMetricsEnabled", kOptional),
      field<&T::bytes_scanned_cutoff_per_query>("BytesScannedCutoffPerQuery", kOptional,
                                                kBytesScannedCutoff),
      field<&T::remove_bytes_scanned_cutoff_per_query>("RemoveBytesScannedCutoffPerQuery",
                                                       kOptional),
      field<&T::requester_pays_enabled>("RequesterPaysEnabled", kOptional),
      field<&T::engine_version>("EngineVersion", kOptional),
      field<&T::remove_customer_content_encryption_configuration>(
          "RemoveCustomerContentEncryptionConfiguration", kOptional),
      field<&T::additional_configuration>("AdditionalConfiguration", kOptional, kNameString),
      field<&T::execution_role>("ExecutionRole", kOptional, kRoleArn),
      field<&T::customer_content_encryption_configuration>("CustomerContentEncryptionConfiguration",
                                                           kOptional),
      field<&T::enable_minimum_encryption_configuration>("EnableMinimumEncryptionConfiguration",
                                                         kOptional),
      field<&T::query_results_s3_access_grants_configuration>(
          "QueryResultsS3AccessGrantsConfiguration", kOptional),
      field<&T::monitoring_configuration>("MonitoringConfiguration", kOptional),
      field<&T::engine_configuration>("EngineConfiguration", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<WorkGroup>() {
  using T = WorkGroup;
  static constexpr Field kFields[] = {
      field<&T::name>("Name", kRequired),
      field<&T::state>("State", kOptional),
      field<&T::configuration>("Configuration", kOptional),
      field<&T::description>("Description", kOptional),
      field<&T::creation_time>("CreationTime", kOptional),
      field<&T::identity_center_application_arn>("IdentityCenterApplicationArn", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<WorkGroupSummary>() {
  using T = WorkGroupSummary;
  static constexpr Field kFields[] = {
      field<&T::name>("Name", kRequired),
      field<&T::state>("State", kOptional),
      field<&T::description>("Description", kOptional),
      field<&T::creation_time>("CreationTime", kOptional),
      field<&T::engine_version>("EngineVersion", kOptional),
      field<&T::identity_center_application_arn>("IdentityCenterApplicationArn", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CreateWorkGroupRequest>() {
  using T = CreateWorkGroupRequest;
  static constexpr Field kFields[] = {
      field<&T::name>("Name", kRequired, kWorkGroupName),
      field<&T::configuration>("Configuration", kOptional),
      field<&T::description>("Description", kOptional, kWorkGroupDescription),
      field<&T::tags>("Tags", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CreateWorkGroupResponse>() {
  static constexpr Shape kShape{};
  return kShape;
}

template <>
const Shape& shapeOf<UpdateWorkGroupRequest>() {
  using T = UpdateWorkGroupRequest;
  static constexpr Field kFields[] = {
      field<&T::work_group>("WorkGroup", kRequired, kWorkGroupName),
      field<&T::description>("Description", kOptional, kWorkGroupDescription),
      field<&T::configuration_updates>("ConfigurationUpdates", kOptional),
      field<&T::state>("State", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<UpdateWorkGroupResponse>() {
  static constexpr Shape kShape{};
  return kShape;
}

template <>
const Shape& shapeOf<DeleteWorkGroupRequest>() {
  using T = DeleteWorkGroupRequest;
  static constexpr Field kFields[] = {
      field<&T::work_group>("WorkGroup", kRequired, kWorkGroupName),
      field<&T::recursive_delete_option>("RecursiveDeleteOption", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<DeleteWorkGroupResponse>() {
  static constexpr Shape kShape{};
  return kShape;
}

template <>
const Shape& shapeOf<GetWorkGroupRequest>() {
  using T = GetWorkGroupRequest;
  static constexpr Field kFields[] = {
      field<&T::work_group>("WorkGroup", kRequired, kWorkGroupName),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetWorkGroupResponse>() {
  using T = GetWorkGroupResponse;
  static constexpr Field kFields[] = {
      field<&T::work_group>("WorkGroup", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListWorkGroupsRequest>() {
  using T = ListWorkGroupsRequest;
  static constexpr Field kFields[] = {
      field<&T::max_results>("MaxResults", kOptional, kMaxWorkGroups),
      field<&T::next_token>("NextToken", kOptional, kToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListWorkGroupsResponse>() {
  using T = ListWorkGroupsResponse;
  static constexpr Field kFields[] = {
      field<&T::work_groups>("WorkGroups", kRequired),
      field<&T::next_token>("NextToken", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

}  // namespace glaux::api
