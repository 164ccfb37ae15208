#include "config/sections.h"

#include <algorithm>

#include "config/nearest.h"
#include "config/option_table.h"

namespace glaux::config {
namespace {

using std::optional;
using std::string;
using std::string_view;

// A setting reaches an executor within one small message.
constexpr std::size_t kLongestValue = 4096;
// What the API allows for an engine version.
constexpr std::size_t kLongestVersion = 128;

// Engine versions that select SQL, which runs no sessions.
constexpr string_view kSqlVersions[] = {"AUTO", "Athena engine version 3"};

// Settings of executors that the daemon gives itself.
constexpr string_view kKernel = "kernel";

Problem problemOf(const Assignment& assignment, string text) {
  return {.setting = assignment.name, .text = std::move(text), .origin = assignment.origin};
}

bool isEmptyGroup(const Assignment& assignment) {
  return std::holds_alternative<EmptyGroup>(assignment.value);
}

struct TextOfValue {
  optional<string> operator()(const string& value) const { return value; }
  optional<string> operator()(std::int64_t value) const { return std::to_string(value); }
  optional<string> operator()(bool value) const { return value ? "true" : "false"; }
  optional<string> operator()(const Fraction& value) const { return value.text; }
  template <class Other>
  optional<string> operator()(const Other&) const {
    return std::nullopt;
  }
};

// Executors take texts; numbers and truth values become the text they are written as.
void assignExecutorSetting(const Assignment& assignment, ExecutorSettings& settings,
                           std::vector<Problem>& problems) {
  constexpr string_view kAllowed = "a text of at most 4096 bytes, a number, true or false";
  const string& name = assignment.path.back();
  const auto text = std::visit(TextOfValue{}, assignment.value);
  optional<string_view> fault;
  if (!text) {
    fault = "it is none of them";
  } else if (text->find('\0') != string::npos) {
    fault = "it contains a NUL byte";
  } else if (text->size() > kLongestValue) {
    fault = "it is too long";
  }
  if (fault) {
    problems.push_back(notAllowed(assignment, *fault, kAllowed));
  } else if (name.empty()) {
    problems.push_back(problemOf(assignment, "a setting has a name"));
  } else if (name == kKernel) {
    problems.push_back(
        problemOf(assignment,
                  "the kernel is no setting of an executor; give it as 'executor.kernel', or as "
                  "'kernel' of an engine"));
  } else {
    settings[name] = {*text, assignment.origin};
  }
}

// A text with the form of a setting in the table.
void assignLike(const Setting& setting, const Assignment& assignment, string& value,
                std::vector<Problem>& problems) {
  const auto text = textOf(assignment);
  const auto fault = text ? setting.fault(*text) : optional<string>("it is not a text");
  if (fault) {
    problems.push_back(notAllowed(assignment, *fault, allowedText(setting)));
  } else {
    value = *text;
  }
}

// executors.<plugin>.<setting>
void assignExecutors(const Assignment& assignment, Options& options,
                     std::vector<Problem>& problems) {
  const auto& path = assignment.path;
  if (isEmptyGroup(assignment) && path.size() <= 2) return;
  if (path.size() != 3) {
    problems.push_back(problemOf(
        assignment, "settings of an executor are given as {\"<executor>\": {\"<setting>\": …}}"));
    return;
  }
  assignExecutorSetting(assignment, options.executors[path[1]], problems);
}

optional<string> versionFault(const string& version) {
  if (version.empty() || version.size() > kLongestVersion || version.find('\0') != string::npos)
    return "the name of an engine version has 1 to 128 characters";
  if (std::ranges::find(kSqlVersions, version) != std::end(kSqlVersions))
    return "this engine version is the one for SQL and runs no sessions; choose another name";
  return std::nullopt;
}

// engines.<version>[.executor|.kernel|.settings.<setting>]
void assignEngines(const Assignment& assignment, Options& options, std::vector<Problem>& problems) {
  const auto& path = assignment.path;
  if (path.size() == 1 && isEmptyGroup(assignment)) return;
  const string_view member = path.size() > 2 ? string_view(path[2]) : string_view();
  if (path.size() < 2 || (path.size() == 2 && !isEmptyGroup(assignment))) {
    problems.push_back(
        problemOf(assignment, "engines are given as {\"<engine version>\": {\"executor\": …}}"));
    return;
  }
  if (const auto fault = versionFault(path[1])) {
    problems.push_back(problemOf(assignment, *fault));
    return;
  }
  EngineOptions& engine = options.engines[path[1]];
  if (engine.origin.empty()) engine.origin = assignment.origin;
  if (path.size() == 2) return;
  if (path.size() == 3 && member == "executor") {
    assignLike(*findSetting("executor.default"), assignment, engine.executor, problems);
  } else if (path.size() == 3 && member == kKernel) {
    assignLike(*findSetting("executor.kernel"), assignment, engine.kernel, problems);
  } else if (path.size() == 4 && member == "settings") {
    assignExecutorSetting(assignment, engine.settings, problems);
  } else if (path.size() != 3 || member != "settings" || !isEmptyGroup(assignment)) {
    problems.push_back(problemOf(assignment,
                                 "an engine has 'executor', 'kernel' and 'settings', which is an "
                                 "object of the executor's settings"));
  }
}

constexpr Section kSections[] = {
    {.name = "executors",
     .help = "Settings of executors, by the executor's name: laid over those in its "
             "manifest.json, which lists what there is to set.",
     .example = R"("container": {"image": "localhost/glaux-python:12", "cpus": 2})",
     .assign = assignExecutors},
    {.name = "engines",
     .help = "Engine versions, by the name under which a workgroup selects them, and what its "
             "sessions then run on: an executor (else executor.default), a kernel (else "
             "executor.kernel), and settings laid over those of the executor. Versions of the API "
             "may be among them; others are added to the list of ListEngineVersions.",
     .example = R"("Python in containers": {"executor": "container", "settings": {"cpus": 4}})",
     .assign = assignEngines},
};

}  // namespace

std::span<const Section> sections() { return kSections; }

const Section* findSection(string_view name) {
  const auto* found = std::ranges::find(kSections, name, &Section::name);
  return found == std::end(kSections) ? nullptr : found;
}

optional<string> nearestSection(string_view mistyped) {
  std::vector<string> names;
  for (const Section& section : kSections) names.emplace_back(section.name);
  const auto found = nearest(mistyped, names);
  return found ? optional(names[*found]) : std::nullopt;
}

}  // namespace glaux::config
