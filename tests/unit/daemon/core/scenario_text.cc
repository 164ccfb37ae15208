#include "scenario_text.h"

#include <charconv>

#include "api/types.h"

namespace glaux::core {

void Names::bind(const std::string& name, const IdBytes& id) {
  ids_[name] = id;
  names_[id] = name;
}

std::optional<IdBytes> Names::find(const std::string& name) const {
  auto found = ids_.find(name);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::string Names::nameOf(const IdBytes& id) const {
  auto found = names_.find(id);
  return found == names_.end() ? idText(id) : found->second;
}

Words wordsOf(std::string_view text) {
  Words words;
  bool quoted = false;
  bool in_word = false;
  for (char c : text) {
    if (!quoted && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == '"') {
      quoted = !quoted;
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::vector<std::string> partsOf(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  parts.emplace_back();
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (!quoted && text.substr(i, separator.size()) == separator) {
      parts.emplace_back();
      i += separator.size() - 1;
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

std::optional<std::int64_t> parseDuration(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit == "ms") return value;
  if (unit == "s") return value * 1000;
  if (unit == "m") return value * 60'000;
  if (unit == "h") return value * 3'600'000;
  return std::nullopt;
}

std::string timeText(Timestamp at, Timestamp start) {
  std::int64_t ms = at.ms - start.ms;
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

namespace {

class Text {
 public:
  explicit Text(const ScenarioContext& in) : in_(in) {}

  Words operator()(const WorkGroupCreated& e) {
    const auto& configuration = e.configuration;
    return {
        "WorkGroupCreated",
        e.name,
        "engine=" + configuration.engine_version->selected_engine_version.value_or(""),
        "effective_engine=" + configuration.engine_version->effective_engine_version.value_or(""),
        "role=" + configuration.execution_role.value_or(""),
        "tags=" + std::to_string(e.tags.size())};
  }
  Words operator()(const WorkGroupUpdated& e) {
    const auto& configuration = e.configuration;
    return {"WorkGroupUpdated",
            e.name,
            std::string(api::name(e.state)),
            "description=" + e.description.value_or(""),
            "engine=" + configuration.engine_version->selected_engine_version.value_or(""),
            "location=" + configuration.result_configuration->output_location.value_or("")};
  }
  Words operator()(const WorkGroupDeleted& e) { return {"WorkGroupDeleted", e.name}; }
  Words operator()(const TagsChanged& e) {
    std::string tags;
    for (const api::Tag& tag : e.tags)
      tags += (tags.empty() ? "" : "/") + tag.key.value_or("") + ":" + tag.value.value_or("");
    return {"TagsChanged", e.session ? id(*e.session) : e.work_group, "tags=" + tags};
  }
  Words operator()(const NotebookCreated& e) {
    return {"NotebookCreated", id(e.notebook), "work_group=" + e.work_group, "name=" + e.name};
  }
  Words operator()(const NotebookUpdated& e) { return {"NotebookUpdated", id(e.notebook)}; }
  Words operator()(const NotebookRenamed& e) {
    return {"NotebookRenamed", id(e.notebook), "name=" + e.name};
  }
  Words operator()(const NotebookDeleted& e) { return {"NotebookDeleted", id(e.notebook)}; }
  Words operator()(const SessionStarted& e) {
    return {"SessionStarted",
            id(e.session),
            "work_group=" + e.work_group,
            "dpus=" + std::to_string(e.dpus),
            "idle_timeout_minutes=" + std::to_string(e.idle_timeout_minutes),
            "engine_version=" + e.engine_version,
            "executor=" + e.executor,
            "kernel=" + e.kernel,
            "directory=" + beforeId(e.working_directory, e.session),
            "start_deadline=" + time(e.start_deadline),
            "role=" + e.execution_role.value_or(""),
            "tags=" + std::to_string(e.tags.size()),
            "encrypted=" + std::string(e.encryption_configuration ? "yes" : "no"),
            "network=" + e.network.value_or("")};
  }
  Words operator()(const SessionCreated& e) { return {"SessionCreated", id(e.session)}; }
  Words operator()(const SessionBecameIdle& e) {
    return {"SessionBecameIdle", id(e.session), "until=" + time(e.idle_deadline)};
  }
  Words operator()(const SessionBecameBusy& e) { return {"SessionBecameBusy", id(e.session)}; }
  Words operator()(const SessionDegraded& e) {
    static constexpr const char* kCauses[] = {"lost", "out-of-reach", "replaced"};
    return {"SessionDegraded", id(e.session), "reason=" + e.reason, "deadline=" + time(e.deadline),
            std::string("cause=") + kCauses[static_cast<std::size_t>(e.cause)]};
  }
  Words operator()(const SessionKernelDied& e) {
    return {"SessionKernelDied", id(e.session), "reason=" + e.reason,
            "deadline=" + time(e.deadline)};
  }
  Words operator()(const SessionTerminationBegan& e) {
    return {"SessionTerminationBegan", id(e.session), "reason=" + e.reason,
            "deadline=" + time(e.deadline)};
  }
  Words operator()(const SessionKillBegan& e) {
    return {"SessionKillBegan", id(e.session), "reason=" + e.reason};
  }
  Words operator()(const SessionTerminated& e) {
    return {"SessionTerminated", id(e.session), "reason=" + e.reason};
  }
  Words operator()(const SessionFailed& e) {
    return {"SessionFailed", id(e.session), "reason=" + e.reason};
  }
  Words operator()(const ExecutorChanged& e) {
    return {"ExecutorChanged",
            id(e.executor),
            std::string(api::name(e.type)),
            std::string(api::name(e.state)),
            "dpus=" + std::to_string(e.dpus),
            "at=" + time(e.at)};
  }
  Words operator()(const ReportsReceived& e) {
    return {"ReportsReceived", id(e.session), "through=" + std::to_string(e.through)};
  }
  Words operator()(const UsageRecorded& e) {
    return {"UsageRecorded", id(e.executor), id(e.calculation),
            "executor=" + std::to_string(e.executor_dpu_millis),
            "calculation=" + std::to_string(e.calculation_dpu_millis)};
  }
  Words operator()(const CalculationCodeRead& e) {
    return {"CalculationCodeRead", id(e.calculation), "uri=" + e.uri};
  }
  Words operator()(const CalculationQueued& e) {
    return {"CalculationQueued", id(e.calculation), "session=" + id(e.session),
            "description=" + e.description.value_or("")};
  }
  Words operator()(const CalculationDequeued& e) {
    return {"CalculationDequeued", id(e.calculation), "session=" + id(e.session)};
  }
  Words operator()(const CalculationSubmitted& e) {
    return {"CalculationSubmitted", id(e.calculation), "session=" + id(e.session),
            "description=" + e.description.value_or("")};
  }
  Words operator()(const CalculationBegan& e) {
    return {"CalculationBegan", id(e.calculation), "at=" + time(e.at)};
  }
  Words operator()(const CalculationProgressed& e) {
    return {"CalculationProgressed", id(e.calculation), "progress=" + e.progress};
  }
  Words operator()(const CalculationCancelRequested& e) {
    return {"CalculationCancelRequested", id(e.calculation),
            "kill_deadline=" + (e.kill_deadline ? time(*e.kill_deadline) : "none")};
  }
  Words operator()(const CalculationKillBegan& e) {
    return {"CalculationKillBegan", id(e.calculation), "deadline=" + time(e.deadline)};
  }
  Words operator()(const CalculationCompleted& e) {
    return {"CalculationCompleted", id(e.calculation), "at=" + time(e.at)};
  }
  Words operator()(const CalculationFailed& e) {
    return {"CalculationFailed", id(e.calculation), "reason=" + e.reason, "at=" + time(e.at)};
  }
  Words operator()(const CalculationCanceled& e) {
    return {"CalculationCanceled", id(e.calculation), "reason=" + e.reason, "at=" + time(e.at)};
  }
  Words operator()(const TokenRemembered& e) {
    return {"TokenRemembered", in_.names.nameOf(e.result), "expires=" + time(e.expires)};
  }

  Words operator()(const LaunchExecutor& e) { return {"LaunchExecutor", id(e.session)}; }
  Words operator()(const ResumeExecutor& e) { return {"ResumeExecutor", id(e.session)}; }
  Words operator()(const RunCalculation& e) {
    return {"RunCalculation", id(e.calculation), "sequence=" + std::to_string(e.sequence)};
  }
  Words operator()(const InterruptCalculation& e) {
    return {"InterruptCalculation", id(e.calculation)};
  }
  Words operator()(const KillCalculation& e) { return {"KillCalculation", id(e.calculation)}; }
  Words operator()(const TerminateExecutor& e) { return {"TerminateExecutor", id(e.session)}; }
  Words operator()(const KillExecutor& e) { return {"KillExecutor", id(e.session)}; }
  Words operator()(const ReleaseExecutor& e) { return {"ReleaseExecutor", id(e.session)}; }
  Words operator()(const RecoverExecutor& e) { return {"RecoverExecutor", id(e.session)}; }
  Words operator()(const AcknowledgeReports& e) {
    return {"AcknowledgeReports", id(e.session), std::to_string(e.through)};
  }
  Words operator()(const ArmDeadline& e) { return {"ArmDeadline", id(e.session), time(e.at)}; }

 private:
  template <class Tag>
  std::string id(const Id<Tag>& id) const {
    return in_.names.nameOf(id.bytes);
  }
  std::string time(Timestamp at) const { return timeText(at, in_.start); }

  static std::string beforeId(const std::string& directory, const SessionId& session) {
    return directory.substr(0, directory.find(toText(session)));
  }

  const ScenarioContext& in_;
};

}  // namespace

Words textOf(const Event& event, const ScenarioContext& in) { return std::visit(Text(in), event); }
Words textOf(const Effect& effect, const ScenarioContext& in) {
  return std::visit(Text(in), effect);
}

}  // namespace glaux::core
