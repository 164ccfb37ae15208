#include <algorithm>
#include <array>
#include <string_view>

#include "api/s3_uri.h"
#include "daemon/core/rules.h"
#include "daemon/core/work_group.h"

namespace glaux::core {
namespace {

constexpr std::string_view kAuto = "AUTO";
constexpr std::string_view kSqlEngine = "Athena engine version 3";
constexpr std::string_view kSparkEngine = "PySpark engine version 3";
constexpr std::array kEngines = {kAuto, kSqlEngine, kSparkEngine,
                                 std::string_view("Apache Spark version 3.5")};

// What a workgroup has if its creator did not say; the same values AWS fills in.
api::WorkGroupConfiguration withDefaults(api::WorkGroupConfiguration configuration) {
  if (!configuration.result_configuration) configuration.result_configuration.emplace();
  if (!configuration.enforce_work_group_configuration)
    configuration.enforce_work_group_configuration = true;
  if (!configuration.publish_cloud_watch_metrics_enabled)
    configuration.publish_cloud_watch_metrics_enabled = false;
  if (!configuration.requester_pays_enabled) configuration.requester_pays_enabled = false;
  if (!configuration.enable_minimum_encryption_configuration)
    configuration.enable_minimum_encryption_configuration = false;
  if (!configuration.engine_version) configuration.engine_version.emplace();
  auto& selected = configuration.engine_version->selected_engine_version;
  if (!selected) selected = std::string(kAuto);
  configuration.engine_version->effective_engine_version =
      std::string(effectiveEngineVersion(*selected));
  return configuration;
}

// Locations become paths of the object store, so there are no "." and ".." in them.
bool isOutputLocation(std::string_view location) {
  auto uri = api::parseS3Uri(location);
  if (!uri) return false;
  std::string path = "/" + uri->bucket + "/" + uri->key + "/";
  return path.find("/./") == path.npos && path.find("/../") == path.npos &&
         path.find('\0') == path.npos;
}

}  // namespace

std::span<const std::string_view> engineVersions() { return kEngines; }

std::string_view effectiveEngineVersion(std::string_view selected) {
  return selected == kAuto ? kSqlEngine : selected;
}

bool isSparkEngine(std::string_view engine_version) {
  return engine_version != kAuto && engine_version != kSqlEngine;
}

Verdict decideCommand(const Situation& at, const CreateWorkGroup& command) {
  const api::CreateWorkGroupRequest& request = command.request;
  if (request.name == kPrimaryWorkGroup)
    return tl::unexpected(api::errors::primaryCannotBeCreated());
  if (at.state.work_groups.contains(request.name))
    return tl::unexpected(api::errors::workGroupAlreadyExists());
  if (request.tags && request.tags->empty()) return tl::unexpected(api::errors::tagsEmpty());

  auto configuration = withDefaults(request.configuration.value_or(api::WorkGroupConfiguration{}));
  const auto& location = configuration.result_configuration->output_location;
  if (location && !isOutputLocation(*location))
    return tl::unexpected(api::errors::validation("OutputLocation " + *location +
                                                  " is not of the form s3://bucket/prefix."));
  const std::string& engine = *configuration.engine_version->selected_engine_version;
  if (std::ranges::find(kEngines, engine) == kEngines.end())
    return tl::unexpected(api::errors::validation("Engine version " + engine + " does not exist."));
  if (isSparkEngine(engine) && configuration.execution_role.value_or("").empty())
    return tl::unexpected(api::errors::executionRoleMissing());

  return Decision{{WorkGroupCreated{.name = request.name,
                                    .description = request.description,
                                    .configuration = std::move(configuration),
                                    .tags = request.tags.value_or(std::vector<api::Tag>{})}},
                  api::CreateWorkGroupResponse{}};
}

std::vector<Event> firstEvents() {
  api::WorkGroupConfiguration configuration;
  configuration.enforce_work_group_configuration = false;
  configuration.engine_version.emplace().selected_engine_version = std::string(kSparkEngine);
  return {WorkGroupCreated{.name = std::string(kPrimaryWorkGroup),
                           .description = std::nullopt,
                           .configuration = withDefaults(std::move(configuration)),
                           .tags = {}}};
}

}  // namespace glaux::core
