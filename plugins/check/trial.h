#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "plugins/check/child_process.h"
#include "plugins/check/expect.h"
#include "plugins/check/loop.h"
#include "plugins/check/snippets.h"
#include "plugins/client/manifest.h"

namespace glaux::plugins::check {

using namespace std::chrono_literals;

// The executor under test, and how the kit was told to treat it.
struct Subject {
  PluginManifest plugin;  // with the settings of the command line laid over its own
  PluginDescription description;
  Snippets snippets;
  double time_scale = 1;
  unsigned sessions_at_once = 50;
};

// One run of one case: the executor, an empty directory, a loop, and the executor's language.
class Trial {
 public:
  // `directory` exists and is empty.
  Trial(const Subject& subject, std::filesystem::path directory);

  const Subject& subject() const { return subject_; }
  Loop& loop() { return loop_; }
  const std::filesystem::path& directory() const { return directory_; }

  // Turns the loop until the condition holds. The timeout is stretched by the time scale.
  bool waitUntil(const std::function<bool()>& condition, std::chrono::milliseconds timeout = 30s);
  void pause(std::chrono::milliseconds duration) { loop_.pause(duration); }
  std::chrono::milliseconds scaled(std::chrono::milliseconds duration) const;

  // Runs the executor's command line in `directory()`.
  Ran command(std::vector<std::string> arguments, std::chrono::milliseconds timeout = 10s);

  // Code, from the snippets; the case is skipped if there is none.
  std::string code(const std::string& name, Snippets::Values values = {}) const;
  std::string print(const std::string& text) const { return code("print", {{"text", text}}); }
  std::string sleep(std::chrono::milliseconds duration) const { return timed("sleep", duration); }
  std::string timed(const std::string& name, std::chrono::milliseconds duration) const;

  // What is seen of the snippet, and settings that bring something about; likewise.
  std::string says(const std::string& name, Snippets::Values values = {}) const;
  std::map<std::string, std::string> settings(const std::string& name) const;
  bool has(const std::string& name) const { return subject_.snippets.code.count(name) != 0; }

 private:
  const Subject& subject_;
  const std::filesystem::path directory_;
  Loop loop_;
};

std::int64_t millisSince(std::chrono::steady_clock::time_point began);

// One piece of code after the other.
std::string inTurn(std::initializer_list<std::string> codes);

}  // namespace glaux::plugins::check
