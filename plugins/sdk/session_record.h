#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <unordered_set>

#include "plugins/protocol/error.h"
#include "plugins/sdk/output_files.h"
#include "plugins/sdk/usage_meter.h"

namespace glaux::plugins {

// What an executor has to know to take a dead one's place, beside the spool.
struct SessionRecord {
  struct Running {
    std::string id;
    std::string code;
    OutputFiles::Paths output;
    bool begun = false;
    bool stop_requested = false;
    bool killed = false;
  };

  bool is_ready = false;
  std::string termination_reason;  // not empty: the session is ending
  std::optional<Running> running;
  UsageMeter::Standing usage;
  std::unordered_set<std::string> known_ids;  // every id ever given to `run`
};

// The record of one session in two files of its directory:
//
//     session.json    everything but the ids, replaced as a whole
//     calculations    the ids, a line each
//
// They survive processes. They are not synced: what a power cut takes from them it takes from the
// session as well.
class SessionRecordFile {
 public:
  explicit SessionRecordFile(std::filesystem::path directory) : directory_(std::move(directory)) {}

  tl::expected<SessionRecord, Error> load() const;

  // All but the ids. A failure shows in the log of the executor only: the session itself is well.
  void save(const SessionRecord& record) const;

  void addId(const std::string& calculation_id) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace glaux::plugins
