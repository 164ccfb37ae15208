#include "config/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <optional>
#include <string_view>

#include "config/assignment.h"
#include "config/option_table.h"
#include "config/sections.h"
#include "config/settings_file.h"

namespace glaux::config {
namespace {

using std::optional;
using std::string;
using std::string_view;

constexpr string_view kVariablePrefix = "GLAUX_";
constexpr string_view kConfigVariable = "GLAUX_CONFIG";

constexpr std::pair<string_view, Verb> kVerbs[] = {
    {"run", Verb::kRun},
    {"check-config", Verb::kCheckConfig},
    {"print-config", Verb::kPrintConfig},
    {"version", Verb::kVersion},
    {"help", Verb::kHelp},
};

// The words of a command line, not yet understood.
struct Words {
  string verb = "run";
  string config_file;
  bool help = false;
  bool version = false;
  std::vector<Assignment> flags;
  std::vector<string> strangers;  // what is neither a verb nor a known flag
};

string flagSpelling(const Setting& setting) { return flagOf(setting); }
string variableSpelling(const Setting& setting) { return variableOf(setting); }
string fileSpelling(const Setting& setting) { return "'" + string(setting.name) + "'"; }

Words readWords(int argc, const char* const* argv, std::vector<Problem>& problems) {
  Words words;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_option("verb", words.verb);
  app.add_flag("-h,--help", words.help);
  app.add_flag("--version", words.version);
  app.add_option("--config", words.config_file)->take_last();
  std::vector<string> values(settings().size());
  std::vector<CLI::Option*> given;
  for (std::size_t i = 0; i < values.size(); ++i) {
    given.push_back(app.add_option(flagOf(settings()[i]), values[i])->take_last());
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    problems.push_back({.setting = "", .text = error.what(), .origin = "command line"});
    return words;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Setting& setting = settings()[i];
    if (given[i]->count() == 0) continue;
    words.flags.push_back({string(setting.name), Spelled{values[i]}, flagOf(setting), {}});
  }
  words.strangers = app.remaining();
  return words;
}

optional<Verb> verbOf(const Words& words) {
  if (words.help) return Verb::kHelp;
  if (words.version) return Verb::kVersion;
  for (const auto& [name, verb] : kVerbs) {
    if (name == words.verb) return verb;
  }
  return std::nullopt;
}

bool readsNothing(Verb verb) {
  return verb == Verb::kHelp || verb == Verb::kVersion || verb == Verb::kPrintConfig;
}

Problem unknownVerb(const string& verb) {
  string text = "'" + verb + "' is not a verb; the verbs are";
  for (const auto& [name, unused] : kVerbs) {
    text += name == kVerbs[0].first ? " " : ", ";
    text += name;
  }
  return {.setting = "", .text = std::move(text), .origin = "command line"};
}

void reportStrangers(const std::vector<string>& strangers, std::vector<Problem>& problems) {
  for (const string& word : strangers) {
    if (word.starts_with("-")) {
      const string flag = word.substr(0, word.find('='));
      problems.push_back(unknownSetting(flag, "command line", flagSpelling));
    } else {
      problems.push_back(
          {.setting = "", .text = "'" + word + "' is not expected here", .origin = "command line"});
    }
  }
}

void reportUnknown(const Assignment& assignment, std::vector<Problem>& problems) {
  const bool is_in_group = isGroup(assignment.path.front()) && assignment.path.size() <= 2;
  if (isGroup(assignment.name) && std::holds_alternative<EmptyGroup>(assignment.value)) return;
  const auto section = is_in_group ? std::nullopt : nearestSection(assignment.path.front());
  if (!section) {
    problems.push_back(unknownSetting(assignment.name, assignment.origin, fileSpelling));
    return;
  }
  problems.push_back({.setting = assignment.name,
                      .text = "there is no such setting; did you mean '" + *section + "'?",
                      .origin = assignment.origin});
}

void applyFile(const string& path, Options& options, std::vector<Problem>& problems) {
  for (const Assignment& assignment : readSettingsFile(path, problems)) {
    if (const Section* section = findSection(assignment.path.front())) {
      section->assign(assignment, options, problems);
    } else if (const Setting* setting = findSetting(assignment.name)) {
      assign(*setting, assignment, options, problems);
    } else {
      reportUnknown(assignment, problems);
    }
  }
}

const Setting* findVariable(string_view variable) {
  for (const Setting& setting : settings()) {
    if (variableOf(setting) == variable) return &setting;
  }
  return nullptr;
}

void applyEnvironment(const Environment& environment, Options& options,
                      std::vector<Problem>& problems) {
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kVariablePrefix) || name == kConfigVariable) continue;
    if (const Setting* setting = findVariable(name)) {
      assign(*setting, {string(setting->name), Spelled{value}, name, {}}, options, problems);
    } else {
      problems.push_back(unknownSetting(name, "environment", variableSpelling));
    }
  }
}

string configFile(const Words& words, const Environment& environment) {
  if (!words.config_file.empty()) return words.config_file;
  const auto variable = environment.find(string(kConfigVariable));
  return variable == environment.end() ? string() : variable->second;
}

}  // namespace

string describe(const Problem& problem) {
  string text = problem.origin + ": ";
  if (!problem.setting.empty()) text += problem.setting + ": ";
  return text + problem.text;
}

Environment environmentOf(const char* const* envp) {
  Environment environment;
  for (; *envp != nullptr; ++envp) {
    const string_view entry = *envp;
    const auto equals = entry.find('=');
    if (equals == string_view::npos || !entry.starts_with(kVariablePrefix)) continue;
    environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

tl::expected<ParsedCommand, std::vector<Problem>> parseCommandLine(int argc,
                                                                   const char* const* argv,
                                                                   const Environment& environment) {
  std::vector<Problem> problems;
  const Words words = readWords(argc, argv, problems);
  const auto verb = verbOf(words);
  reportStrangers(words.strangers, problems);
  // The value of an unknown flag looks like a verb; the flag is what there is to correct.
  if (!verb && words.strangers.empty()) problems.push_back(unknownVerb(words.verb));

  ParsedCommand command{.verb = verb.value_or(Verb::kRun),
                        .options = {},
                        .config_file = configFile(words, environment)};
  if (problems.empty() && readsNothing(command.verb)) return command;

  if (!command.config_file.empty()) applyFile(command.config_file, command.options, problems);
  applyEnvironment(environment, command.options, problems);
  for (const Assignment& flag : words.flags) {
    assign(*findSetting(flag.name), flag, command.options, problems);
  }
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return command;
}

}  // namespace glaux::config
