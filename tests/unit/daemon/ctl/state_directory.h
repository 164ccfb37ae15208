#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/commands.h"
#include "daemon/core/event_codec.h"
#include "daemon/core/state.h"
#include "daemon/projections/views.h"
#include "journal/journal.h"

namespace rocksdb {
class DB;
class ColumnFamilyHandle;
}  // namespace rocksdb

namespace glaux::daemon {

// A state directory as a daemon would have filled it: commands are decided, recorded, applied and
// projected by the daemon's own functions. Removed with its owner.
class StateDirectory {
 public:
  StateDirectory();
  ~StateDirectory();
  StateDirectory(const StateDirectory&) = delete;
  StateDirectory& operator=(const StateDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const core::State& state() const { return state_; }
  journal::Journal& journal() { return *journal_; }

  // The clock: each record is a second younger than the one before. Record 1, which creates the
  // workgroup, is of 2026-11-21T08:00:01Z.
  static constexpr std::int64_t kBeginMs = 1'795'248'000'000;

  // Records the command as a client's request, and answers the record's sequence.
  std::uint64_t perform(const core::Command& command, const std::string& operation,
                        const std::string& request);
  // What an executor reports; empty request.
  std::uint64_t report(const core::SessionId& session, std::vector<core::report::Body> bodies);

  core::SessionId startSession(const std::string& description = "");
  core::CalculationId startCalculation(const core::SessionId& session, const std::string& code);
  void stopCalculation(const core::CalculationId& calculation);

  // Records events that nobody decided; they are neither applied nor projected.
  std::uint64_t recordOnly(std::vector<core::Event> events);
  // Records a payload of any kind.
  std::uint64_t recordRaw(journal::Draft draft);
  void writeSnapshot(const core::State& state);

  // Closes the journal, as a daemon does that is stopped.
  void close();
  // Closes the journal and opens its records with RocksDB itself.
  using Tamper =
      std::function<void(rocksdb::DB&, const std::vector<rocksdb::ColumnFamilyHandle*>&)>;
  void tamperWithLog(const Tamper& tamper);

 private:
  std::uint64_t record(core::RecordBody body, const std::string& request);

  std::filesystem::path path_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Views> views_;
  core::State state_;
  std::uint64_t next_id_ = 1;
  std::uint64_t next_report_ = 1;
};

// What a run of glauxctl printed and how it ended.
struct ProgramRun {
  int exit_code = -1;
  std::vector<std::string> lines;  // of stdout
  std::string errors;              // stderr
};

// Runs the program with these arguments, which a shell splits.
ProgramRun glauxctl(const std::string& arguments);

}  // namespace glaux::daemon
