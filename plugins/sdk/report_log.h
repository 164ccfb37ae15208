#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/error.h"
#include "plugins/protocol/reports.h"

namespace glaux::plugins {

// The reports of one session that the daemon has not acknowledged: numbered, in memory to be sent
// and sent again, and in the spool file for a daemon that comes back when this process is gone.
//
// The spool is written before a report can be sent and not synced: it has to survive processes, and
// the page cache does. A report that cannot be spooled (disk full) is still numbered and sent; only
// its copy for that last case is missing.
class ReportLog {
 public:
  // Of a new session, in its directory. Empties a spool that is there already.
  explicit ReportLog(const std::filesystem::path& session_directory);

  // Goes on with a spool, behind what is in it and behind the last report that is journaled.
  ReportLog(const std::filesystem::path& session_directory, std::uint64_t journaled_through);

  ~ReportLog();

  ReportLog(const ReportLog&) = delete;
  ReportLog& operator=(const ReportLog&) = delete;

  // Gives the report the next number and the present time.
  void append(decltype(Report::what) what);

  // At most `limit` unacknowledged reports, the first numbered `from` or, if that is acknowledged,
  // the next one that is not.
  std::vector<Report> read(std::uint64_t from, std::size_t limit) const;

  // Forgets reports up to and including this one. Numbers not given out yet are taken as the last.
  void acknowledge(std::uint64_t through);

  // Whether the session's or this calculation's end is among the unacknowledged ones.
  bool hasEnded() const;
  bool hasFinished(const std::string& calculation_id) const;

  std::uint64_t lastNumber() const { return last_number_; }
  std::uint64_t acknowledgedThrough() const { return last_number_ - reports_.size(); }

  // Called after each `append` and each `acknowledge`.
  void onChange(std::function<void()> callback) { on_change_ = std::move(callback); }

 private:
  ReportLog(const std::filesystem::path& session_directory,
            tl::expected<std::vector<Report>, Error> spooled, std::uint64_t journaled_through);

  void spool(const Report& report);
  void truncateSpool(std::int64_t size);

  int spool_fd_;
  std::int64_t spool_size_ = 0;
  std::uint64_t last_number_ = 0;
  std::deque<Report> reports_;
  std::function<void()> on_change_ = [] {};
};

}  // namespace glaux::plugins
