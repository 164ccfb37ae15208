#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "journal/journal.h"
#include "journal/log_store.h"
#include "journal/replay.h"

namespace glaux::journal {

// The reading half of Journal, whose header states the promises. Any thread.
class LogReader {
 public:
  // `log` outlives the reader.
  explicit LogReader(const LogStore& log) : log_(log) {}

  // 0 if the log is empty.
  [[nodiscard]] tl::expected<Sequence, Error> lastSequence() const;
  [[nodiscard]] tl::expected<std::optional<OwnedRecord>, Error> read(Sequence sequence) const;
  [[nodiscard]] tl::expected<std::optional<std::string>, Error> readBlob(const Hash& digest) const;
  // As Journal::replay, ending with record `last`.
  [[nodiscard]] tl::expected<ReplayEnd, Error> replay(Sequence from, Sequence last,
                                                      const Visitor& visit,
                                                      Reporter& reporter) const;
  [[nodiscard]] tl::expected<std::optional<Snapshot>, Error> latestSnapshot(
      Reporter& reporter) const;

 private:
  Error error(const StoreFailure& failure, const std::string& what) const;

  const LogStore& log_;
};

}  // namespace glaux::journal
