// Runs the files of tests/scenarios, one test a file. tests/scenarios/README.md has their format.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "core_under_test.h"
#include "scenario_commands.h"
#include "scenario_text.h"

namespace glaux::core {
namespace {

struct Statement {
  int line = 0;
  std::string text;
};

// Lines that begin with a blank continue the one before; "#" begins a comment line.
std::vector<Statement> statementsOf(const std::filesystem::path& path) {
  std::vector<Statement> statements;
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    if (line[line.find_first_not_of(" \t")] == '#') continue;
    if (line[0] == ' ' && !statements.empty()) {
      statements.back().text += line.substr(line.find_first_not_of(' ') - 1);
    } else {
      statements.push_back({number, line});
    }
  }
  return statements;
}

// Durations are compared by their value: 1m is 60s.
std::string normal(const std::string& word) {
  std::size_t value = word.find('=') + 1;  // 0 if there is none
  auto ms = parseDuration(std::string_view(word).substr(value));
  return ms ? word.substr(0, value) + std::to_string(*ms) + "ms" : word;
}

// Every word expected must be there; those not mentioned do not matter.
bool fits(const Words& expected, const Words& actual) {
  if (expected.empty() || actual.empty() || expected[0] != actual[0]) return false;
  return std::ranges::all_of(expected, [&actual](const std::string& word) {
    return std::ranges::any_of(
        actual, [&word](const std::string& other) { return normal(other) == normal(word); });
  });
}

bool allFit(const std::vector<Words>& expected, const std::vector<Words>& actual) {
  return std::ranges::equal(expected, actual, fits);
}

std::string joined(const std::vector<Words>& all) {
  std::string text;
  for (const Words& words : all) {
    text += text.empty() ? "" : ",\n             ";
    for (const std::string& word : words)
      text += (word.find(' ') == std::string::npos ? word : '"' + word + '"') + ' ';
  }
  return text.empty() ? "nothing" : text;
}

std::vector<Words> listOf(std::string_view text) {
  std::vector<Words> list;
  for (const std::string& part : partsOf(text, ",")) list.push_back(wordsOf(part));
  if (list.size() == 1 && list[0] == Words{"nothing"}) list.clear();
  return list;
}

class Scenario {
 public:
  explicit Scenario(const std::filesystem::path& path) : file_(path.string()) {}

  void run() {
    auto statements = statementsOf(file_);
    ASSERT_FALSE(statements.empty()) << file_ << " says nothing";
    for (const Statement& statement : statements) {
      line_ = statement.line;
      testing::ScopedTrace trace(file_.c_str(), line_, statement.text);
      try {
        runStatement(statement.text);
      } catch (const ScenarioError& error) {
        ADD_FAILURE_AT(file_.c_str(), line_) << error.what();
        return;
      }
    }
    EXPECT_GT(steps_, 0) << file_ << " asks the core nothing";
  }

 private:
  void runStatement(const std::string& text) {
    Words words = wordsOf(text);
    if (words[0] == "at") return runStep(text);
    if (words[0] == "policy") return readPolicy(words, core_.policy());
    if (words[0] == "state" && words.size() == 3) return expectState(words[1], words[2]);
    if (words[0] == "usage" && words.size() == 4) return expectUsage(words);
    if (words[0] == "dpus_in_use" && words.size() == 2)
      return expectEqual(words[1], std::to_string(core_.state().dpus_in_use));
    if (words[0] == "tokens" && words.size() == 2)
      return expectEqual(words[1], std::to_string(core_.state().tokens.size()));
    if (words[0] == "restart") return runRestart(text);
    throw ScenarioError("not a statement: " + words[0]);
  }

  // at <time> <command> -> <events> [; do <effects>] [; answers <state>]
  void runStep(const std::string& text) {
    auto sides = partsOf(text, "->");
    if (sides.size() != 2) throw ScenarioError("at <time> <command> -> <outcome>");
    auto after_time = sides[0].find_first_not_of(' ', 3);
    auto after_at = sides[0].find(' ', after_time);
    auto since_start = parseDuration(sides[0].substr(after_time, after_at - after_time));
    if (!since_start) throw ScenarioError("not a time");
    Timestamp now{kStart.ms + *since_start};

    Command command = commands_.read(sides[0].substr(after_at), now);
    std::array<IdBytes, 2> ids = {commands_.freshId(), commands_.freshId()};
    Step step = core_.execute(command, now, ids);
    core_.expectReplayGivesTheSameState();
    if (step.verdict) bindCreated(step.verdict->answer, ids);
    expectOutcome(sides[1], step);
    ++steps_;
  }

  // A name stands for one thing, also if a token's retry answers it again.
  void bindCreated(const Answer& answer, const std::array<IdBytes, 2>& ids) {
    if (commands_.creates().empty()) return;
    std::string answered;
    if (auto* session = std::get_if<api::StartSessionResponse>(&answer))
      answered = session->session_id;
    if (auto* calculation = std::get_if<api::StartCalculationExecutionResponse>(&answer))
      answered = calculation->calculation_execution_id;
    if (auto* notebook = std::get_if<api::CreateNotebookResponse>(&answer))
      answered = notebook->notebook_id;
    if (auto* notebook = std::get_if<api::ImportNotebookResponse>(&answer))
      answered = notebook->notebook_id;
    auto id = parseIdText(answered);
    if (!id) throw ScenarioError("the answer holds no id: " + answered);
    if (auto known = names_.find(commands_.creates())) {
      expectEqual(idText(*known), answered);
      return;
    }
    names_.bind(commands_.creates(), *id);
    names_.bind(commands_.creates() + ".coordinator", ids[1]);
  }

  void expectOutcome(std::string_view text, const Step& step) {
    std::vector<std::string> clauses = partsOf(text, ";");
    std::vector<Words> effects;
    for (std::size_t i = 1; i < clauses.size(); ++i) {
      Words words = wordsOf(clauses[i]);
      if (words.size() > 1 && words[0] == "do") {
        effects = listOf(clauses[i].substr(clauses[i].find("do") + 2));
      } else if (words.size() == 2 && words[0] == "answers") {
        expectEqual(words[1], answeredState(step));
      } else {
        throw ScenarioError("neither do nor answers:" + clauses[i]);
      }
    }
    expectFits("events", listOf(clauses[0]), eventsOf(step));
    std::vector<Words> wanted;
    for (const Effect& effect : step.effects) wanted.push_back(textOf(effect, context()));
    expectFits("effects", effects, wanted);
  }

  std::vector<Words> eventsOf(const Step& step) const {
    if (!step.verdict) {
      RejectionText refused = rejectionText(step.verdict.error());
      return {{"refused", refused.type, refused.athena_error_code.value_or(""), refused.message}};
    }
    std::vector<Words> events;
    for (const Event& event : step.verdict->events) events.push_back(textOf(event, context()));
    return events;
  }

  static std::string answeredState(const Step& step) {
    if (!step.verdict) return "a refusal";
    return std::visit(
        [](const auto& answer) -> std::string {
          if constexpr (requires { answer.state; }) {
            return std::string(api::name(answer.state));
          } else {
            return "no state";
          }
        },
        step.verdict->answer);
  }

  // restart [; do <effects>]
  void runRestart(const std::string& text) {
    auto clauses = partsOf(text, "; do");
    std::vector<Words> wanted;
    for (const Effect& effect : core_.restart()) wanted.push_back(textOf(effect, context()));
    expectFits("effects", clauses.size() == 2 ? listOf(clauses[1]) : std::vector<Words>{}, wanted);
  }

  void expectState(const std::string& name, const std::string& expected) {
    auto id = names_.find(name);
    if (!id) throw ScenarioError("nothing is called " + name);
    if (auto session = core_.state().sessionState(SessionId{*id}))
      return expectEqual(expected, std::string(api::name(*session)));
    if (auto calculation = core_.state().calculationState(CalculationId{*id}))
      return expectEqual(expected, std::string(api::name(*calculation)));
    ADD_FAILURE_AT(file_.c_str(), line_) << name << " has no state";
  }

  // usage <session> <executor> <DPU-milliseconds>
  void expectUsage(const Words& words) {
    auto session_id = names_.find(words[1]);
    auto executor_id = names_.find(words[2]);
    const Session* session = session_id ? core_.state().session(SessionId{*session_id}) : nullptr;
    if (session == nullptr || !executor_id) throw ScenarioError("usage <live session> <executor>");
    for (const Executor& executor : session->executors) {
      if (executor.id.bytes == *executor_id)
        return expectEqual(words[3], std::to_string(executor.dpu_millis));
    }
    ADD_FAILURE_AT(file_.c_str(), line_) << "the session has no executor " << words[2];
  }

  void expectFits(const char* what, const std::vector<Words>& expected,
                  const std::vector<Words>& actual) {
    if (allFit(expected, actual)) return;
    ADD_FAILURE_AT(file_.c_str(), line_)
        << what << " expected: " << joined(expected) << "\n       actual: " << joined(actual);
  }

  void expectEqual(const std::string& expected, const std::string& actual) {
    if (expected == actual) return;
    ADD_FAILURE_AT(file_.c_str(), line_) << "expected: " << expected << "\n  actual: " << actual;
  }

  ScenarioContext context() const { return {names_, kStart}; }

  std::string file_;
  int line_ = 0;
  int steps_ = 0;
  Names names_;
  ScenarioCommands commands_{names_, kStart};
  CoreUnderTest core_{Policy{}, kStart};
};

struct ScenarioFile {
  std::filesystem::path path;
};

void PrintTo(const ScenarioFile& file, std::ostream* out) { *out << file.path.filename(); }

std::vector<ScenarioFile> scenarioFiles() {
  std::vector<ScenarioFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(GLAUX_SCENARIOS)) {
    if (entry.path().extension() == ".txt") files.push_back({entry.path()});
  }
  std::ranges::sort(files, {}, &ScenarioFile::path);
  return files;
}

// idle_timeout.txt is the test IdleTimeout.
std::string testName(const testing::TestParamInfo<ScenarioFile>& info) {
  std::string name;
  bool word_begins = true;
  for (char c : info.param.path.stem().string()) {
    if (c != '_') name += word_begins ? static_cast<char>(std::toupper(c)) : c;
    word_begins = c == '_';
  }
  return name;
}

class CoreScenario : public testing::TestWithParam<ScenarioFile> {};

TEST_P(CoreScenario, HappensAsWritten) { Scenario(GetParam().path).run(); }

INSTANTIATE_TEST_SUITE_P(Files, CoreScenario, testing::ValuesIn(scenarioFiles()), testName);

}  // namespace
}  // namespace glaux::core
