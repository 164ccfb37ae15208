#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "journal/error.h"
#include "journal/replay.h"

namespace glaux::journal {

// Changes to tables that become visible, and survive a crash, together or not at all. A value:
// build it, hand it to Tables::write. Changes apply in the order they were added.
class TableBatch {
 public:
  void put(std::string_view table, std::string_view key, std::string_view value);
  void erase(std::string_view table, std::string_view key);
  // Removes every key the table has at that point, those put earlier in this batch included.
  void clear(std::string_view table);

  bool empty() const { return changes_.empty(); }
  // Keeps the memory for the next batch.
  void reset() { changes_.clear(); }

  enum class Verb { kPut, kErase, kClear };
  struct Change {
    Verb verb;
    std::string table, key, value;
  };
  // For those who carry them out: in the order in which they were added.
  const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
};

// Ordered key-value tables for what can be derived from the journal: views.
//
// Cheap, because rebuildable: a write goes to memory and reaches the disk when enough has gathered
// or flush() is called. After a crash the tables are as they were after *some* earlier batch: all
// of them as of the same batch, never between two. So a caller who puts "derived through record N"
// into the same batch as what he derived finds it true after every crash, and goes on from N + 1.
//
// If that N is greater than Journal::lastSequence(), the journal has lost records whose effects the
// tables still show: clear them.
//
// They are kept beside the journal, in a database of their own, so that a write never waits for
// a sync of the journal, and damage to them is never damage to the journal: tables that cannot be
// opened are begun anew, empty (OpenReport::tables_reset).
//
// Any thread may read; writes come from one thread at a time. Names are those given in
// Options::tables; any other name is a broken invariant and ends the process.
class Tables {
 public:
  Tables() = default;
  virtual ~Tables() = default;
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  [[nodiscard]] virtual tl::expected<std::optional<std::string>, Error> get(
      std::string_view table, std::string_view key) const = 0;

  // Called with views that are valid during the call only.
  using RowVisitor = std::function<Scan(std::string_view key, std::string_view value)>;

  // Visits, in bytewise order, the keys that begin with `prefix` and are greater than `after`
  // (empty: from the first), as of one moment: writes during the scan are not seen.
  [[nodiscard]] virtual tl::expected<void, Error> scan(std::string_view table,
                                                       std::string_view prefix,
                                                       std::string_view after,
                                                       const RowVisitor& visit) const = 0;

  // Visible to every read that starts after it returns. Does not wait for the disk, except when
  // more is being written than the disk takes.
  [[nodiscard]] virtual tl::expected<void, Error> write(const TableBatch& batch) = 0;

  // Starts carrying everything written so far to disk, and returns at once. A clean close does it,
  // too.
  [[nodiscard]] virtual tl::expected<void, Error> flush() = 0;

  // See Journal::memoryBytes().
  virtual std::size_t memoryBytes() const = 0;
};

}  // namespace glaux::journal
