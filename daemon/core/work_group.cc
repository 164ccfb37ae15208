#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "api/s3_uri.h"
#include "daemon/core/rules.h"
#include "daemon/core/work_group.h"
#include "daemon/core/work_group_update.h"

namespace glaux::core {
namespace {

constexpr std::string_view kAuto = "AUTO";
constexpr std::string_view kSqlEngine = "Athena engine version 3";
constexpr std::string_view kSparkEngine = "PySpark engine version 3";
constexpr std::string_view kSparkConnectEngine = "Apache Spark version 3.5";
constexpr std::array kEngines = {kAuto, kSqlEngine, kSparkEngine, kSparkConnectEngine};

// What a workgroup keeps for good. Between versions of one type it can change.
enum class EngineType { kSql, kCalculations, kSparkConnect };

EngineType typeOf(std::string_view engine_version) {
  if (!isSparkEngine(engine_version)) return EngineType::kSql;
  return engine_version == kSparkConnectEngine ? EngineType::kSparkConnect
                                               : EngineType::kCalculations;
}

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

// What is wrong with a configuration that has its defaults.
std::optional<api::Error> configurationRefusal(const api::WorkGroupConfiguration& configuration) {
  const auto& location = configuration.result_configuration->output_location;
  if (location && !isOutputLocation(*location))
    return api::errors::validation("OutputLocation " + *location +
                                   " is not of the form s3://bucket/prefix.");
  if (auto additional = api::readAdditionalConfiguration(configuration.additional_configuration);
      !additional)
    return additional.error();
  return std::nullopt;
}

bool needsRole(const api::WorkGroupConfiguration& configuration) {
  return isSparkEngine(*configuration.engine_version->selected_engine_version) &&
         configuration.execution_role.value_or("").empty();
}

// In the order of their ids, so that equal states decide alike.
std::vector<SessionId> activeSessionsOf(const State& state, const std::string& work_group) {
  std::vector<SessionId> ids;
  for (const auto& [id, session] : state.sessions) {
    if (session.work_group == work_group && session.state != api::SessionState::kTerminating)
      ids.push_back(id);
  }
  std::ranges::sort(ids);
  return ids;
}

std::vector<NotebookId> notebooksOf(const State& state, const std::string& work_group) {
  std::vector<NotebookId> ids;
  for (auto at = state.notebook_names.lower_bound({work_group, ""});
       at != state.notebook_names.end() && at->first.first == work_group; ++at)
    ids.push_back(at->second);
  return ids;
}

}  // namespace

std::vector<std::string> engineVersions(const Policy& policy) {
  std::vector<std::string> all(kEngines.begin(), kEngines.end());
  std::ranges::copy_if(policy.engine_versions, std::back_inserter(all),
                       [](const std::string& version) { return !isBuiltInEngine(version); });
  return all;
}

bool isBuiltInEngine(std::string_view engine_version) {
  return std::ranges::find(kEngines, engine_version) != kEngines.end();
}

bool hasEngineVersion(const Policy& policy, std::string_view engine_version) {
  return isBuiltInEngine(engine_version) ||
         std::ranges::find(policy.engine_versions, engine_version) != policy.engine_versions.end();
}

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
  auto tags = mergeTags({}, request.tags.value_or(std::vector<api::Tag>{}));
  if (!tags) return tl::unexpected(tags.error());

  auto configuration = withDefaults(request.configuration.value_or(api::WorkGroupConfiguration{}));
  if (auto error = configurationRefusal(configuration)) return tl::unexpected(*error);
  const std::string& engine = *configuration.engine_version->selected_engine_version;
  if (!hasEngineVersion(at.policy, engine))
    return tl::unexpected(api::errors::engineVersionNotFound(engine));
  if (needsRole(configuration)) return tl::unexpected(api::errors::executionRoleMissing());

  return Decision{{WorkGroupCreated{.name = request.name,
                                    .description = request.description,
                                    .configuration = std::move(configuration),
                                    .tags = std::move(*tags)}},
                  api::CreateWorkGroupResponse{}};
}

Verdict decideCommand(const Situation& at, const UpdateWorkGroup& command) {
  const api::UpdateWorkGroupRequest& request = command.request;
  auto found = at.state.work_groups.find(request.work_group);
  if (found == at.state.work_groups.end()) return tl::unexpected(api::errors::workGroupNotFound());
  const WorkGroup& present = found->second;

  WorkGroupUpdated event{request.work_group, request.state.value_or(present.state),
                         request.description ? request.description : present.description,
                         present.configuration};
  if (event.description == "") event.description.reset();
  if (request.configuration_updates) {
    update(event.configuration, *request.configuration_updates);
    event.configuration = withDefaults(std::move(event.configuration));
  }
  if (auto error = configurationRefusal(event.configuration)) return tl::unexpected(*error);
  const std::string before = present.engineVersion();
  const std::string& after = *event.configuration.engine_version->selected_engine_version;
  // One that is not configured any more may stay, so that the rest can be changed.
  if (after != before && !hasEngineVersion(at.policy, after))
    return tl::unexpected(api::errors::engineVersionNotFound(after));
  if (typeOf(before) != typeOf(after))
    return tl::unexpected(api::errors::engineTypeCannotChange(before, after));

  Decision decision{{}, api::UpdateWorkGroupResponse{}};
  WorkGroup updated{event.state, event.description, event.configuration, present.tags};
  if (updated != present) decision.events.push_back(std::move(event));
  return decision;
}

// Sessions that are told to end here go on to their end without a workgroup.
Verdict decideCommand(const Situation& at, const DeleteWorkGroup& command) {
  const std::string& name = command.request.work_group;
  if (name == kPrimaryWorkGroup) return tl::unexpected(api::errors::primaryCannotBeDeleted());
  if (!at.state.work_groups.contains(name)) return tl::unexpected(api::errors::workGroupNotFound());

  Decision decision{{}, api::DeleteWorkGroupResponse{}};
  for (const SessionId& session : activeSessionsOf(at.state, name))
    decision.events.push_back(terminationOf(at, session));
  for (const NotebookId& notebook : notebooksOf(at.state, name))
    decision.events.push_back(NotebookDeleted{notebook});
  if (!decision.events.empty() && !command.request.recursive_delete_option.value_or(false))
    return tl::unexpected(api::errors::workGroupNotEmpty(name));
  decision.events.push_back(WorkGroupDeleted{name});
  return decision;
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
