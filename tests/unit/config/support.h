// A command line, an environment and a settings file for one test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/command_line.h"
#include "config/option_table.h"

namespace glaux::config {

class SettingsFile {
 public:
  explicit SettingsFile(const std::string& content) {
    std::string path = testing::TempDir() + "glaux-settings-XXXXXX";
    const int descriptor = mkstemp(path.data());
    if (descriptor < 0) throw std::runtime_error("mkstemp failed");
    close(descriptor);
    path_ = path;
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~SettingsFile() { std::filesystem::remove(path_); }
  SettingsFile(const SettingsFile&) = delete;
  SettingsFile& operator=(const SettingsFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline tl::expected<ParsedCommand, std::vector<Problem>> parseWords(
    std::vector<std::string> words, const Environment& environment = {}) {
  words.insert(words.begin(), "glauxd");
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  argv.push_back(nullptr);
  return parseCommandLine(static_cast<int>(words.size()), argv.data(), environment);
}

// The described problems, one a line; "none" when the command line is accepted.
inline std::string problemsOf(std::vector<std::string> words, const Environment& environment = {}) {
  const auto parsed = parseWords(std::move(words), environment);
  if (parsed) return "none";
  std::string text;
  for (const Problem& problem : parsed.error()) text += describe(problem) + "\n";
  return text;
}

// All settings as text, for comparing Options.
inline std::string textOf(const Options& options) {
  std::string text;
  for (const Setting& setting : settings()) {
    text += std::string(setting.name) + " = " + valueText(setting, options) + "\n";
  }
  return text;
}

// What is wrong with a file of this content, which is called FILE.
inline std::string problemsOfFile(const std::string& content) {
  const SettingsFile file(content);
  std::string problems = problemsOf({"--config", file.path()});
  for (auto at = problems.find(file.path()); at != std::string::npos;
       at = problems.find(file.path()))
    problems.replace(at, file.path().size(), "FILE");
  return problems;
}

}  // namespace glaux::config
