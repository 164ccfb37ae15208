#include <fnmatch.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "plugins/check/child_process.h"
#include "plugins/check/runner.h"
#include "plugins/check/summary.h"

namespace glaux::plugins::check {
namespace {

namespace fs = std::filesystem;

constexpr int kAllPassed = 0;
constexpr int kSomethingFailed = 1;
constexpr int kWrongCall = 2;

struct Arguments {
  std::string executor;
  fs::path executors;
  std::vector<std::string> settings;
  std::vector<std::string> only;
  bool list = false;
  fs::path junit;
  unsigned jobs = 3 * std::max(1U, std::thread::hardware_concurrency());
  double time_scale = 1;
  unsigned sessions = 50;
};

// Beside the binary in a build, in lib/glaux/ of an installation.
fs::path defaultExecutors() {
  std::error_code error;
  const fs::path bin = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path built = bin.parent_path() / "executors";
  return fs::exists(built) ? built : bin.parent_path() / "lib" / "glaux" / "executors";
}

void declare(CLI::App& app, Arguments& arguments) {
  app.add_option("executor", arguments.executor,
                 "Name of a plugin, or path of its directory (with a slash)");
  app.add_option("--executors", arguments.executors, "Where plugins are looked up by name")
      ->capture_default_str();
  app.add_option("--set", arguments.settings, "NAME=VALUE, laid over the manifest's settings");
  app.add_option("--only", arguments.only,
                 "Only cases whose group/name contains this, which may have * and ?");
  app.add_flag("--list", arguments.list, "Print the names of the cases and run none");
  app.add_option("--junit", arguments.junit, "Write the results to this file as JUnit XML, too");
  app.add_option("--jobs", arguments.jobs, "How many cases run at a time")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--timeout-scale", arguments.time_scale,
                 "Stretches every timeout, for slow machines and executors")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--sessions", arguments.sessions, "For the case that starts many at once")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.footer(
      "Starts the executor as glauxd would, many times, in a temporary directory, and prints a\n"
      "line for each case: ok, FAILED with what was expected and seen, or skipped with the\n"
      "reason. What code to run it reads from check.json in the plugin's directory.\n"
      "Exit status: 0 nothing failed, 1 something did, 2 the call was wrong or the plugin cannot\n"
      "be loaded.");
}

tl::expected<PluginManifest, Error> findPlugin(const Arguments& arguments) {
  const bool is_path = arguments.executor.find('/') != std::string::npos;
  const fs::path directory =
      is_path ? fs::absolute(arguments.executor + "/").lexically_normal().parent_path()
              : arguments.executors / arguments.executor;
  const Discovery discovery = discover(directory.parent_path());
  for (const PluginManifest& plugin : discovery.plugins) {
    if (plugin.name == directory.filename()) return plugin;
  }
  for (const Error& problem : discovery.problems) {
    if (problem.message.find(directory.filename().string()) != std::string::npos)
      return tl::make_unexpected(problem);
  }
  return tl::make_unexpected(Error{"there is no plugin in " + directory.string()});
}

tl::expected<void, Error> lay(const std::vector<std::string>& settings, PluginManifest& over) {
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
      return tl::make_unexpected(Error{"--set " + setting + ": NAME=VALUE is expected"});
    over.settings[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  return {};
}

tl::expected<Subject, Error> loadSubject(const Arguments& arguments) {
  auto plugin = findPlugin(arguments);
  if (!plugin) return tl::make_unexpected(plugin.error());
  if (auto laid = lay(arguments.settings, *plugin); !laid) return tl::make_unexpected(laid.error());
  auto snippets = readSnippets(plugin->directory);
  if (!snippets) return tl::make_unexpected(snippets.error());
  const Ran described = runToItsEnd(plugin->executable, {"describe"}, fs::temp_directory_path(),
                                    std::chrono::seconds(20));
  auto description = parseDescription(described.output);
  if (!description) return tl::make_unexpected(description.error());
  return Subject{*plugin, *description, *snippets, arguments.time_scale, arguments.sessions};
}

bool isChosen(const std::string& name, const std::vector<std::string>& patterns) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
           return ::fnmatch(("*" + pattern + "*").c_str(), name.c_str(), 0) == 0;
         });
}

std::vector<Group> chosenGroups(const std::vector<std::string>& patterns) {
  std::vector<Group> chosen;
  for (const Group& group : allGroups()) {
    chosen.push_back({group.name, {}});
    for (const Case& one : group.cases) {
      if (isChosen(group.name + "/" + one.name, patterns)) chosen.back().cases.push_back(one);
    }
  }
  return chosen;
}

int list(const std::vector<Group>& groups) {
  for (const Group& group : groups) {
    for (const Case& one : group.cases)
      std::printf("%s/%s\n", group.name.c_str(), one.name.c_str());
  }
  return kAllPassed;
}

int refuse(const std::string& why) {
  std::fprintf(stderr, "glaux-executor-check: %s\n", why.c_str());
  return kWrongCall;
}

int check(const Arguments& arguments, const std::vector<Group>& groups) {
  const auto subject = loadSubject(arguments);
  if (!subject) return refuse(subject.error().message);
  const auto began = std::chrono::steady_clock::now();
  const auto results = runCases(*subject, groups, arguments.jobs, [](const CaseResult& result) {
    std::printf("%s\n", lineOf(result).c_str());
    std::fflush(stdout);
  });
  const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  std::printf("\n%s", tableOf(results, duration).c_str());
  if (!arguments.junit.empty()) {
    const auto written = writeJunit(arguments.junit, subject->plugin.name, results);
    if (!written) return refuse(written.error().message);
  }
  return allPassed(results) ? kAllPassed : kSomethingFailed;
}

int run(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"Checks whether an executor keeps glaux's executor contract, executor.capnp."};
  Arguments arguments;
  arguments.executors = defaultExecutors();
  declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kAllPassed : kWrongCall;
  }
  const std::vector<Group> groups = chosenGroups(arguments.only);
  if (std::all_of(groups.begin(), groups.end(),
                  [](const Group& group) { return group.cases.empty(); }))
    return refuse("no case is called like that; --list names them");
  if (arguments.list) return list(groups);
  if (arguments.executor.empty()) return refuse("which executor? See --help.");
  return check(arguments, groups);
}

}  // namespace
}  // namespace glaux::plugins::check

int main(int argc, char** argv) { return glaux::plugins::check::run(argc, argv); }
