#pragma once

#include <array>
#include <map>
#include <stdexcept>
#include <string>

#include "daemon/core/commands.h"
#include "daemon/core/decide.h"
#include "scenario_text.h"

// Commands and settings as scenario files write them.
namespace glaux::core {

// The file is wrong, not the core.
class ScenarioError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ScenarioCommands {
 public:
  ScenarioCommands(Names& names, Timestamp start) : names_(names), start_(start) {}

  // Binds the names of executors that reports mention first.
  Command read(std::string_view text, Timestamp now);

  // The name of what the last command read creates; empty if it creates nothing.
  const std::string& creates() const { return creates_; }

  IdBytes freshId();

 private:
  Command readStartSession(const Words& words);
  Command readStartCalculation(const Words& words);
  Command readCreateWorkGroup(const Words& words);
  Command readUpdateWorkGroup(const Words& words);
  Command readDeleteWorkGroup(const Words& words);
  Command readTagging(const Words& words);
  Command readCreateNotebook(const Words& words);
  Command readUpdateNotebook(const Words& words);
  Command readRenameNotebook(const Words& words);
  Command readReports(std::string_view text, Timestamp now);
  Report readReport(const Words& words, const SessionId& session, Timestamp now);
  report::Body readReportBody(const Words& words);

  std::string idText(const std::string& name) const;
  template <class IdType>
  IdType idOf(const std::string& name) const;
  ExecutorId executorOf(const std::string& name);

  Names& names_;
  Timestamp start_;
  std::string creates_;
  std::uint64_t ids_given_ = 0;
  std::map<SessionId, std::uint64_t> reports_sent_;
};

void readPolicy(const Words& words, Policy& policy);

}  // namespace glaux::core
