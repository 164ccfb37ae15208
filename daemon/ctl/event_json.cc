#include "daemon/ctl/event_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "api/aws_json.h"
#include "daemon/ctl/time_text.h"
#include "journal/hash.h"

// One function for each event. They name every member in a structured binding: a new event, or a
// new member of one, does not compile until it is shown here.
namespace glaux::daemon {
namespace {

using Json = nlohmann::ordered_json;
using namespace core;

// ---- values

Json value(const std::string& text) { return text; }
Json value(std::int64_t number) { return number; }
Json value(std::uint64_t number) { return number; }
Json value(Timestamp time) { return timeText(time); }
Json value(const Digest& digest) { return journal::Hash{digest}.hex(); }
Json value(const IdBytes& id) { return idText(id); }
Json value(api::ExecutorType type) { return api::name(type); }
Json value(api::ExecutorState state) { return api::name(state); }
Json value(api::WorkGroupState state) { return api::name(state); }

template <class Tag>
Json value(const Id<Tag>& id) {
  return toText(id);
}

template <class Struct>
Json apiValue(const Struct& value) {
  return Json::parse(api::encode(value));
}

Json value(const api::WorkGroupConfiguration& configuration) { return apiValue(configuration); }
Json value(const api::EngineConfiguration& configuration) { return apiValue(configuration); }
Json value(const api::MonitoringConfiguration& configuration) { return apiValue(configuration); }
Json value(const api::EncryptionConfiguration& configuration) { return apiValue(configuration); }

Json value(const std::vector<api::Tag>& tags) {
  Json list = Json::array();
  for (const api::Tag& tag : tags) list.push_back(apiValue(tag));
  return list;
}

// ---- an event's members, in their order

class Members {
 public:
  explicit Members(const char* type) { json_["type"] = type; }

  template <class Value>
  Members& with(const char* name, const Value& member) {
    json_[name] = value(member);
    return *this;
  }

  template <class Value>
  Members& with(const char* name, const std::optional<Value>& member) {
    if (member) with(name, *member);
    return *this;
  }

  Json take() { return std::move(json_); }

 private:
  Json json_;
};

// ---- events

struct Describe {
  Json operator()(const WorkGroupCreated& e) const {
    const auto& [name, description, configuration, tags] = e;
    return Members("WorkGroupCreated")
        .with("name", name)
        .with("description", description)
        .with("configuration", configuration)
        .with("tags", tags)
        .take();
  }

  Json operator()(const WorkGroupUpdated& e) const {
    const auto& [name, state, description, configuration] = e;
    return Members("WorkGroupUpdated")
        .with("name", name)
        .with("state", state)
        .with("description", description)
        .with("configuration", configuration)
        .take();
  }

  Json operator()(const WorkGroupDeleted& e) const {
    const auto& [name] = e;
    return Members("WorkGroupDeleted").with("name", name).take();
  }

  Json operator()(const TagsChanged& e) const {
    const auto& [work_group, session, tags] = e;
    return Members("TagsChanged")
        .with("workGroup", work_group)
        .with("session", session)
        .with("tags", tags)
        .take();
  }

  Json operator()(const NotebookCreated& e) const {
    const auto& [notebook, work_group, name, content] = e;
    return Members("NotebookCreated")
        .with("notebook", notebook)
        .with("workGroup", work_group)
        .with("name", name)
        .with("content", content)
        .take();
  }

  Json operator()(const NotebookUpdated& e) const {
    const auto& [notebook, content] = e;
    return Members("NotebookUpdated").with("notebook", notebook).with("content", content).take();
  }

  Json operator()(const NotebookRenamed& e) const {
    const auto& [notebook, name] = e;
    return Members("NotebookRenamed").with("notebook", notebook).with("name", name).take();
  }

  Json operator()(const NotebookDeleted& e) const {
    const auto& [notebook] = e;
    return Members("NotebookDeleted").with("notebook", notebook).take();
  }

  Json operator()(const SessionStarted& e) const {
    const auto& [session, coordinator, work_group, description, engine_configuration,
                 engine_version, notebook_version, execution_role, monitoring_configuration, tags,
                 idle_timeout_minutes, working_directory, executor, kernel, dpus, start_deadline,
                 encryption_configuration, network] = e;
    return Members("SessionStarted")
        .with("session", session)
        .with("coordinator", coordinator)
        .with("workGroup", work_group)
        .with("description", description)
        .with("engineConfiguration", engine_configuration)
        .with("engineVersion", engine_version)
        .with("notebookVersion", notebook_version)
        .with("executionRole", execution_role)
        .with("monitoringConfiguration", monitoring_configuration)
        .with("tags", tags)
        .with("idleTimeoutMinutes", idle_timeout_minutes)
        .with("workingDirectory", working_directory)
        .with("executor", executor)
        .with("kernel", kernel)
        .with("dpus", dpus)
        .with("startDeadline", start_deadline)
        .with("encryptionConfiguration", encryption_configuration)
        .with("network", network)
        .take();
  }

  Json operator()(const SessionCreated& e) const {
    const auto& [session] = e;
    return Members("SessionCreated").with("session", session).take();
  }

  Json operator()(const SessionBecameIdle& e) const {
    const auto& [session, idle_deadline] = e;
    return Members("SessionBecameIdle")
        .with("session", session)
        .with("idleDeadline", idle_deadline)
        .take();
  }

  Json operator()(const SessionBecameBusy& e) const {
    const auto& [session] = e;
    return Members("SessionBecameBusy").with("session", session).take();
  }

  Json operator()(const SessionDegraded& e) const {
    static constexpr const char* kCauses[] = {"connectionLost", "outOfReach", "executorReplaced"};
    const auto& [session, reason, deadline, cause] = e;
    return Members("SessionDegraded")
        .with("session", session)
        .with("reason", reason)
        .with("deadline", deadline)
        .with("cause", std::string(kCauses[static_cast<std::size_t>(cause)]))
        .take();
  }

  Json operator()(const SessionKernelDied& e) const {
    const auto& [session, reason, deadline] = e;
    return Members("SessionKernelDied")
        .with("session", session)
        .with("reason", reason)
        .with("deadline", deadline)
        .take();
  }

  Json operator()(const SessionTerminationBegan& e) const {
    const auto& [session, reason, deadline] = e;
    return Members("SessionTerminationBegan")
        .with("session", session)
        .with("reason", reason)
        .with("deadline", deadline)
        .take();
  }

  Json operator()(const SessionKillBegan& e) const {
    const auto& [session, reason] = e;
    return Members("SessionKillBegan").with("session", session).with("reason", reason).take();
  }

  Json operator()(const SessionTerminated& e) const {
    const auto& [session, reason] = e;
    return Members("SessionTerminated").with("session", session).with("reason", reason).take();
  }

  Json operator()(const SessionFailed& e) const {
    const auto& [session, reason] = e;
    return Members("SessionFailed").with("session", session).with("reason", reason).take();
  }

  Json operator()(const ExecutorChanged& e) const {
    const auto& [session, executor, type, state, dpus, at] = e;
    return Members("ExecutorChanged")
        .with("session", session)
        .with("executor", executor)
        .with("executorType", type)
        .with("state", state)
        .with("dpus", dpus)
        .with("at", at)
        .take();
  }

  Json operator()(const ReportsReceived& e) const {
    const auto& [session, through] = e;
    return Members("ReportsReceived").with("session", session).with("through", through).take();
  }

  Json operator()(const UsageRecorded& e) const {
    const auto& [session, executor, calculation, executor_dpu_millis, calculation_dpu_millis] = e;
    return Members("UsageRecorded")
        .with("session", session)
        .with("executor", executor)
        .with("calculation", calculation)
        .with("executorDpuMillis", executor_dpu_millis)
        .with("calculationDpuMillis", calculation_dpu_millis)
        .take();
  }

  Json operator()(const CalculationCodeRead& e) const {
    const auto& [calculation, session, uri, code] = e;
    return Members("CalculationCodeRead")
        .with("calculation", calculation)
        .with("session", session)
        .with("uri", uri)
        .with("code", code)
        .take();
  }

  Json operator()(const CalculationQueued& e) const {
    const auto& [calculation, session, description] = e;
    return Members("CalculationQueued")
        .with("calculation", calculation)
        .with("session", session)
        .with("description", description)
        .take();
  }

  Json operator()(const CalculationDequeued& e) const {
    const auto& [calculation, session] = e;
    return Members("CalculationDequeued")
        .with("calculation", calculation)
        .with("session", session)
        .take();
  }

  Json operator()(const CalculationSubmitted& e) const {
    const auto& [calculation, session, description] = e;
    return Members("CalculationSubmitted")
        .with("calculation", calculation)
        .with("session", session)
        .with("description", description)
        .take();
  }

  Json operator()(const CalculationBegan& e) const {
    const auto& [calculation, session, at] = e;
    return Members("CalculationBegan")
        .with("calculation", calculation)
        .with("session", session)
        .with("at", at)
        .take();
  }

  Json operator()(const CalculationProgressed& e) const {
    const auto& [calculation, session, progress] = e;
    return Members("CalculationProgressed")
        .with("calculation", calculation)
        .with("session", session)
        .with("progress", progress)
        .take();
  }

  Json operator()(const CalculationCancelRequested& e) const {
    const auto& [calculation, session, kill_deadline] = e;
    return Members("CalculationCancelRequested")
        .with("calculation", calculation)
        .with("session", session)
        .with("killDeadline", kill_deadline)
        .take();
  }

  Json operator()(const CalculationKillBegan& e) const {
    const auto& [calculation, session, deadline] = e;
    return Members("CalculationKillBegan")
        .with("calculation", calculation)
        .with("session", session)
        .with("deadline", deadline)
        .take();
  }

  Json operator()(const CalculationCompleted& e) const {
    const auto& [calculation, session, at] = e;
    return Members("CalculationCompleted")
        .with("calculation", calculation)
        .with("session", session)
        .with("at", at)
        .take();
  }

  Json operator()(const CalculationFailed& e) const {
    const auto& [calculation, session, reason, at] = e;
    return Members("CalculationFailed")
        .with("calculation", calculation)
        .with("session", session)
        .with("reason", reason)
        .with("at", at)
        .take();
  }

  Json operator()(const CalculationCanceled& e) const {
    const auto& [calculation, session, reason, at] = e;
    return Members("CalculationCanceled")
        .with("calculation", calculation)
        .with("session", session)
        .with("reason", reason)
        .with("at", at)
        .take();
  }

  Json operator()(const TokenRemembered& e) const {
    const auto& [token, parameters, result, expires] = e;
    return Members("TokenRemembered")
        .with("token", token)
        .with("parameters", parameters)
        .with("result", result)
        .with("expires", expires)
        .take();
  }
};

}  // namespace

Json toJson(const core::Event& event) { return std::visit(Describe{}, event); }

}  // namespace glaux::daemon
