#include "daemon/core/work_group_update.h"

namespace glaux::core {
namespace {

template <class Value>
void replace(std::optional<Value>& value, const std::optional<Value>& update) {
  if (update) value = update;
}

template <class Value>
void replaceOrRemove(std::optional<Value>& value, const std::optional<Value>& update,
                     const std::optional<bool>& remove) {
  replace(value, update);
  if (remove.value_or(false)) value.reset();
}

void updateResults(api::ResultConfiguration& results,
                   const api::ResultConfigurationUpdates& updates) {
  replaceOrRemove(results.output_location, updates.output_location, updates.remove_output_location);
  replaceOrRemove(results.encryption_configuration, updates.encryption_configuration,
                  updates.remove_encryption_configuration);
  replaceOrRemove(results.expected_bucket_owner, updates.expected_bucket_owner,
                  updates.remove_expected_bucket_owner);
  replaceOrRemove(results.acl_configuration, updates.acl_configuration,
                  updates.remove_acl_configuration);
}

void updateManagedResults(api::ManagedQueryResultsConfiguration& results,
                          const api::ManagedQueryResultsConfigurationUpdates& updates) {
  results.enabled = updates.enabled.value_or(results.enabled);
  replaceOrRemove(results.encryption_configuration, updates.encryption_configuration,
                  updates.remove_encryption_configuration);
}

template <class Value>
Value& valueOf(std::optional<Value>& value) {
  return value ? *value : value.emplace();
}

}  // namespace

void update(api::WorkGroupConfiguration& configuration,
            const api::WorkGroupConfigurationUpdates& updates) {
  if (updates.result_configuration_updates)
    updateResults(valueOf(configuration.result_configuration),
                  *updates.result_configuration_updates);
  if (updates.managed_query_results_configuration_updates)
    updateManagedResults(valueOf(configuration.managed_query_results_configuration),
                         *updates.managed_query_results_configuration_updates);
  replace(configuration.enforce_work_group_configuration, updates.enforce_work_group_configuration);
  replace(configuration.publish_cloud_watch_metrics_enabled,
          updates.publish_cloud_watch_metrics_enabled);
  replaceOrRemove(configuration.bytes_scanned_cutoff_per_query,
                  updates.bytes_scanned_cutoff_per_query,
                  updates.remove_bytes_scanned_cutoff_per_query);
  replace(configuration.requester_pays_enabled, updates.requester_pays_enabled);
  // What is effective follows from what is selected, and is ignored in requests.
  if (updates.engine_version)
    replace(valueOf(configuration.engine_version).selected_engine_version,
            updates.engine_version->selected_engine_version);
  replace(configuration.additional_configuration, updates.additional_configuration);
  replace(configuration.execution_role, updates.execution_role);
  replace(configuration.monitoring_configuration, updates.monitoring_configuration);
  replace(configuration.engine_configuration, updates.engine_configuration);
  replaceOrRemove(configuration.customer_content_encryption_configuration,
                  updates.customer_content_encryption_configuration,
                  updates.remove_customer_content_encryption_configuration);
  replace(configuration.enable_minimum_encryption_configuration,
          updates.enable_minimum_encryption_configuration);
  replace(configuration.query_results_s3_access_grants_configuration,
          updates.query_results_s3_access_grants_configuration);
}

}  // namespace glaux::core
