#include "scenario_commands.h"

#include <algorithm>
#include <charconv>

#include "api/digest.h"
#include "daemon/core/ids.h"

namespace glaux::core {
namespace {

// The name=value words of a command. Each must be asked for, or the file is wrong.
class Options {
 public:
  Options(const Words& words, std::size_t first) {
    for (std::size_t i = first; i < words.size(); ++i) {
      std::size_t equals = words[i].find('=');
      if (equals == std::string::npos) throw ScenarioError("not name=value: " + words[i]);
      values_[words[i].substr(0, equals)] = words[i].substr(equals + 1);
    }
  }

  std::optional<std::string> take(const std::string& name) {
    auto node = values_.extract(name);
    return node ? std::optional(node.mapped()) : std::nullopt;
  }

  std::optional<std::int64_t> takeNumber(const std::string& name) {
    auto text = take(name);
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size())
      throw ScenarioError(name + " wants a number: " + *text);
    return value;
  }

  std::optional<std::int64_t> takeDuration(const std::string& name) {
    auto text = take(name);
    if (!text) return std::nullopt;
    auto ms = parseDuration(*text);
    if (!ms) throw ScenarioError(name + " wants a duration: " + *text);
    return ms;
  }

  void expectNoneLeft() const {
    if (!values_.empty()) throw ScenarioError("unknown: " + values_.begin()->first + "=");
  }

 private:
  std::map<std::string, std::string> values_;
};

const std::string& wordAt(const Words& words, std::size_t i) {
  if (i >= words.size()) throw ScenarioError("a word is missing after: " + words.back());
  return words[i];
}

// The parameters are those of the command as written, but for the token.
std::optional<IdempotencyToken> takeToken(Options& options, const Words& words) {
  auto token = options.take("token");
  if (!token) return std::nullopt;
  std::string parameters;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (!words[i].starts_with("token=")) parameters += words[i] + '\n';
  }
  return IdempotencyToken{api::sha256(words[0] + *token), api::sha256(parameters)};
}

report::Outcome outcomeOf(const std::string& word) {
  if (word == "COMPLETED") return report::Outcome::kCompleted;
  if (word == "FAILED") return report::Outcome::kFailed;
  if (word == "CANCELED") return report::Outcome::kCanceled;
  throw ScenarioError("not an outcome: " + word);
}

// "refused:<why>" is content that the edge found fault with.
Content contentOf(const std::string& word) {
  if (word.starts_with("refused:")) return tl::unexpected(api::errors::validation(word.substr(8)));
  return api::sha256(word);
}

// Double quotes mean something else in a scenario: {'A':1} is {"A":1}.
std::optional<std::string> jsonOf(std::optional<std::string> word) {
  if (word) std::ranges::replace(*word, '\'', '"');
  return word;
}

// a:1,b:2
std::vector<api::Tag> tagsOf(const std::string& word) {
  std::vector<api::Tag> tags;
  for (const std::string& part : partsOf(word, ",")) {
    auto colon = part.find(':');
    tags.push_back({part.substr(0, colon), part.substr(std::min(colon, part.size() - 1) + 1)});
  }
  return tags;
}

template <class E>
E enumOf(const std::string& word) {
  auto value = api::parse<E>(word);
  if (!value) throw ScenarioError("not a value of the API: " + word);
  return *value;
}

}  // namespace

Command ScenarioCommands::read(std::string_view text, Timestamp now) {
  Words words = wordsOf(text);
  const std::string& verb = wordAt(words, 0);
  creates_.clear();
  if (verb == "StartSession") return readStartSession(words);
  if (verb == "StartCalculation") return readStartCalculation(words);
  if (verb == "CreateWorkGroup") return readCreateWorkGroup(words);
  if (verb == "UpdateWorkGroup") return readUpdateWorkGroup(words);
  if (verb == "DeleteWorkGroup") return readDeleteWorkGroup(words);
  if (verb == "TagResource" || verb == "UntagResource") return readTagging(words);
  if (verb == "CreateNotebook" || verb == "ImportNotebook") return readCreateNotebook(words);
  if (verb == "UpdateNotebook") return readUpdateNotebook(words);
  if (verb == "RenameNotebook") return readRenameNotebook(words);
  if (verb == "ReceiveReports") return readReports(text, now);

  const std::string& name = wordAt(words, 1);
  if (verb.starts_with("RecordExecutor")) {
    Options options(words, 2);
    std::string reason = options.take("reason").value_or("gone");
    options.expectNoneLeft();
    if (verb == "RecordExecutorGone") return RecordExecutorGone{idOf<SessionId>(name), reason};
    if (verb == "RecordExecutorLost") return RecordExecutorLost{idOf<SessionId>(name), reason};
    if (verb == "RecordExecutorReplaced")
      return RecordExecutorReplaced{idOf<SessionId>(name), reason};
  }
  if (words.size() != 2) throw ScenarioError("too many words: " + std::string(text));
  if (verb == "TerminateSession") return TerminateSession{{idText(name)}};
  if (verb == "DeleteNotebook") return DeleteNotebook{{idText(name)}};
  if (verb == "StopCalculation") return StopCalculation{{idText(name)}};
  if (verb == "ReachDeadline") return ReachDeadline{idOf<SessionId>(name)};
  throw ScenarioError("not a command: " + verb);
}

Command ScenarioCommands::readStartSession(const Words& words) {
  Options options(words, 2);
  StartSession command;
  creates_ = wordAt(words, 1);
  command.token = takeToken(options, words);
  auto& request = command.request;
  request.work_group = options.take("work_group").value_or("primary");
  request.description = options.take("description");
  request.notebook_version = options.take("notebook_version");
  if (auto dpus = options.takeNumber("dpus"))
    request.engine_configuration.max_concurrent_dpus = static_cast<std::int32_t>(*dpus);
  if (auto notebook = options.take("notebook_id"))
    request.engine_configuration.additional_configs["NotebookId"] = idText(*notebook);
  if (auto tags = options.take("tags")) request.tags = tagsOf(*tags);
  if (auto copy = options.take("copy_tags")) request.copy_work_group_tags = *copy == "yes";
  if (auto ms = options.takeDuration("idle_timeout"))
    request.session_idle_timeout_in_minutes = static_cast<std::int32_t>(*ms / 60'000);
  command.placement = Placement{"process", "python3"};
  if (auto refusal = options.take("placement_refused"))
    command.placement = tl::unexpected(api::errors::validation(*refusal));
  options.expectNoneLeft();
  return command;
}

Command ScenarioCommands::readStartCalculation(const Words& words) {
  if (wordAt(words, 2) != "in") throw ScenarioError("StartCalculation <name> in <session>");
  Options options(words, 4);
  StartCalculation command;
  creates_ = words[1];
  command.token = takeToken(options, words);
  auto& request = command.request;
  request.session_id = idText(wordAt(words, 3));
  request.description = options.take("description");
  std::string code = options.take("code").value_or("once");
  if (code == "once" || code == "twice") request.code_block = "1 + 1";
  if (code == "nested" || code == "twice")
    request.calculation_configuration.emplace().code_block = "1";
  if (auto uri = options.take("uri")) {
    request.code_block = *uri;
    command.content = contentOf(*uri);
  }
  options.expectNoneLeft();
  return command;
}

Command ScenarioCommands::readCreateWorkGroup(const Words& words) {
  Options options(words, 2);
  CreateWorkGroup command;
  auto& request = command.request;
  request.name = wordAt(words, 1);
  auto& configuration = request.configuration.emplace();
  if (auto engine = options.take("engine"))
    configuration.engine_version.emplace().selected_engine_version = *engine;
  if (auto location = options.take("location"))
    configuration.result_configuration.emplace().output_location = *location;
  if (auto encryption = options.take("encryption"))
    configuration.result_configuration->encryption_configuration = {
        enumOf<api::EncryptionOption>(*encryption), std::nullopt};
  configuration.execution_role = options.take("role");
  configuration.additional_configuration = jsonOf(options.take("additional"));
  if (auto dpus = options.takeNumber("dpus"))
    configuration.engine_configuration.emplace().max_concurrent_dpus =
        static_cast<std::int32_t>(*dpus);
  if (auto tags = options.take("tags")) request.tags = tagsOf(*tags);
  options.expectNoneLeft();
  return command;
}

Command ScenarioCommands::readUpdateWorkGroup(const Words& words) {
  Options options(words, 2);
  UpdateWorkGroup command;
  auto& request = command.request;
  request.work_group = wordAt(words, 1);
  request.description = options.take("description");
  if (auto state = options.take("state")) request.state = enumOf<api::WorkGroupState>(*state);
  auto& updates = request.configuration_updates.emplace();
  if (auto engine = options.take("engine"))
    updates.engine_version.emplace().selected_engine_version = *engine;
  if (auto engine = options.take("effective_engine"))
    updates.engine_version.emplace().effective_engine_version = *engine;
  auto& results = updates.result_configuration_updates.emplace();
  results.output_location = options.take("location");
  if (options.take("remove_location")) results.remove_output_location = true;
  updates.additional_configuration = jsonOf(options.take("additional"));
  options.expectNoneLeft();
  return command;
}

Command ScenarioCommands::readDeleteWorkGroup(const Words& words) {
  DeleteWorkGroup command;
  command.request.work_group = wordAt(words, 1);
  if (words.size() > 2) command.request.recursive_delete_option = words[2] == "recursive";
  return command;
}

// TagResource <workgroup>[/<session>] tags=a:1,b:2, UntagResource … keys=a,b
Command ScenarioCommands::readTagging(const Words& words) {
  Options options(words, 2);
  std::string arn = wordAt(words, 1);
  if (!arn.starts_with("arn:")) {
    auto slash = arn.find('/');
    std::string session = slash == arn.npos ? "" : "/session/" + idText(arn.substr(slash + 1));
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/" + arn.substr(0, slash) + session;
  }
  if (words[0] == "TagResource")
    return TagResource{{arn, tagsOf(options.take("tags").value_or(""))}};
  return UntagResource{{arn, partsOf(options.take("keys").value_or(""), ",")}};
}

Command ScenarioCommands::readCreateNotebook(const Words& words) {
  Options options(words, 2);
  creates_ = wordAt(words, 1);
  auto token = takeToken(options, words);
  std::string work_group = options.take("work_group").value_or("primary");
  std::string name = options.take("name").value_or(creates_);
  Content content = contentOf(options.take("content").value_or("cells"));
  options.expectNoneLeft();
  if (words[0] == "CreateNotebook")
    return CreateNotebook{{work_group, name, std::nullopt}, content, token};
  ImportNotebook command{{}, content, token};
  command.request.work_group = work_group;
  command.request.name = name;
  return command;
}

Command ScenarioCommands::readUpdateNotebook(const Words& words) {
  Options options(words, 2);
  UpdateNotebook command{{}, contentOf(options.take("content").value_or("more cells")), {}};
  command.token = takeToken(options, words);
  command.request.notebook_id = idText(wordAt(words, 1));
  if (auto session = options.take("session")) command.request.session_id = idText(*session);
  options.expectNoneLeft();
  return command;
}

Command ScenarioCommands::readRenameNotebook(const Words& words) {
  Options options(words, 3);
  UpdateNotebookMetadata command;
  command.token = takeToken(options, words);
  command.request.notebook_id = idText(wordAt(words, 1));
  command.request.name = wordAt(words, 2);
  options.expectNoneLeft();
  return command;
}

Command ScenarioCommands::readReports(std::string_view text, Timestamp now) {
  ReceiveReports command;
  for (const std::string& part : partsOf(text, "|")) {
    Words words = wordsOf(part);
    if (command.reports.empty()) {
      command.session = idOf<SessionId>(wordAt(words, 1));
      words.erase(words.begin(), words.begin() + 2);
    }
    command.reports.push_back(readReport(words, command.session, now));
  }
  return command;
}

Report ScenarioCommands::readReport(const Words& words, const SessionId& session, Timestamp now) {
  if (words.empty()) throw ScenarioError("a report is missing");
  Words rest = words;
  Report report;
  std::uint64_t& sent = reports_sent_[session];
  report.number = sent + 1;
  if (rest[0].starts_with("#")) {
    report.number = std::stoull(rest[0].substr(1));
    rest.erase(rest.begin());
  }
  report.at = now;
  if (!rest.empty() && rest.back().starts_with("at=")) {
    auto ms = parseDuration(rest.back().substr(3));
    if (!ms) throw ScenarioError("not a time: " + rest.back());
    report.at.ms = start_.ms + *ms;
    rest.pop_back();
  }
  report.body = readReportBody(rest);
  sent = std::max(sent, report.number);
  return report;
}

report::Body ScenarioCommands::readReportBody(const Words& words) {
  const std::string& kind = wordAt(words, 0);
  if (kind == "SessionReady") return report::SessionReady{};
  if (kind == "CalculationStarted")
    return report::CalculationStarted{idOf<CalculationId>(wordAt(words, 1))};
  if (kind == "Progress")
    return report::Progress{idOf<CalculationId>(wordAt(words, 1)), wordAt(words, 2)};
  if (kind == "ExecutorChanged") {
    Options options(words, 4);
    return report::ExecutorChanged{.executor = executorOf(wordAt(words, 1)),
                                   .type = enumOf<api::ExecutorType>(wordAt(words, 2)),
                                   .state = enumOf<api::ExecutorState>(wordAt(words, 3)),
                                   .dpus = options.takeNumber("dpus").value_or(1)};
  }
  if (kind == "Usage") {
    Options options(words, 3);
    return report::Usage{.executor = executorOf(wordAt(words, 1)),
                         .calculation = idOf<CalculationId>(wordAt(words, 2)),
                         .executor_dpu_millis = options.takeNumber("executor").value_or(0),
                         .calculation_dpu_millis = options.takeNumber("calculation").value_or(0)};
  }
  if (kind == "CalculationFinished") {
    Options options(words, 3);
    return report::CalculationFinished{idOf<CalculationId>(wordAt(words, 1)),
                                       outcomeOf(wordAt(words, 2)),
                                       options.take("reason").value_or("")};
  }
  if (kind == "SessionEnded") {
    Options options(words, 2);
    return report::SessionEnded{wordAt(words, 1) == "orderly", options.take("reason").value_or("")};
  }
  if (kind == "KernelDied") {
    Options options(words, 1);
    return report::KernelDied{options.take("reason").value_or("")};
  }
  if (kind == "Degraded") {
    Options options(words, 1);
    return report::Degraded{options.take("reason").value_or("")};
  }
  if (kind == "Recovered") return report::Recovered{};
  if (kind == "Unknown") return report::Unknown{};
  throw ScenarioError("not a report: " + kind);
}

// What is not a name goes to the core as it is.
std::string ScenarioCommands::idText(const std::string& name) const {
  auto id = names_.find(name);
  return id ? core::idText(*id) : name;
}

template <class IdType>
IdType ScenarioCommands::idOf(const std::string& name) const {
  auto id = parseId<IdType>(idText(name));
  if (!id) throw ScenarioError("nothing is called " + name);
  return *id;
}

ExecutorId ScenarioCommands::executorOf(const std::string& name) {
  if (!names_.find(name)) names_.bind(name, freshId());
  return idOf<ExecutorId>(name);
}

IdBytes ScenarioCommands::freshId() {
  IdBytes id{};
  ++ids_given_;
  for (std::size_t i = 0; i < 8; ++i) {
    id[i] = static_cast<std::uint8_t>(ids_given_ * 37);  // so that ids are not in order
    id[15 - i] = static_cast<std::uint8_t>(ids_given_ >> (8 * i));
  }
  return id;
}

void readPolicy(const Words& words, Policy& policy) {
  Options options(words, 1);
  auto set = [](auto& setting, const auto& value) {
    if (value) setting = *value;
  };
  set(policy.capacity_dpus, options.takeNumber("capacity_dpus"));
  set(policy.default_session_dpus, options.takeNumber("default_session_dpus"));
  set(policy.default_idle_timeout_minutes, options.takeNumber("default_idle_timeout_minutes"));
  set(policy.start_timeout_ms, options.takeDuration("start_timeout"));
  set(policy.terminate_grace_ms, options.takeDuration("terminate_grace"));
  set(policy.degraded_timeout_ms, options.takeDuration("degraded_timeout"));
  set(policy.interrupt_grace_ms, options.takeDuration("interrupt_grace"));
  set(policy.max_queued_calculations, options.takeNumber("max_queued"));
  set(policy.token_retention_ms, options.takeDuration("token_retention"));
  set(policy.default_output_location, options.take("default_output_location"));
  if (auto versions = options.take("engine_versions"))
    policy.engine_versions = partsOf(*versions, ",");
  options.expectNoneLeft();
}

}  // namespace glaux::core
