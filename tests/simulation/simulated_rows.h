#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "journal/log_store.h"
#include "journal/tables.h"
#include "tests/simulation/random.h"

// What a SimulatedDisk stores, with what it takes to forget the unsynced part of it: every change
// is carried out at once and leaves the way back, until it is durable.
namespace glaux::simulation {

// The rows of the log.
class LogRows {
 public:
  using Family = journal::LogStore::Family;

  struct Row {
    std::string value;
    bool unreadable = false;

    bool operator==(const Row&) const = default;
  };
  using Rows = std::map<std::string, Row, std::less<>>;

  struct Change {
    Family family;
    std::string key;
    std::string value;
  };
  using Changes = std::vector<Change>;

  const Rows& of(Family family) const { return rows_[static_cast<std::size_t>(family)]; }
  const Row* find(Family family, std::string_view key) const;

  // Visible at once, durable with the next settle().
  void write(Changes changes);
  void settle();
  // A write that failed: invisible, and perhaps there after the next crash or recover().
  void keepInDoubt(Changes changes) { in_doubt_ = std::move(changes); }
  // What an opening for writing does: what is there is durable.
  void recover(Random& random);
  // Keeps a prefix of the unsettled batches. Whether any was dropped.
  bool crash(Random& random);
  std::size_t unsettled() const { return unsettled_.size(); }

  // Changes a row, or removes it, behind everybody's back. repair() puts it back if it is still as
  // it was left.
  void damage(Family family, std::string_view key, std::optional<Row> damaged);
  bool loseTail(std::size_t batches);
  void repair();

 private:
  struct Before {
    Family family;
    std::string key;
    std::optional<Row> row;
  };
  using Undo = std::vector<Before>;

  struct Damage {
    Family family;
    std::string key;
    std::optional<Row> sound, damaged;
  };

  Rows& rows(Family family) { return rows_[static_cast<std::size_t>(family)]; }
  std::optional<Row> exchange(Family family, std::string_view key, std::optional<Row> row);
  void takeBack(Undo undo);

  std::array<Rows, 3> rows_;
  std::deque<Undo> settled_;  // the latest, for loseTail
  std::deque<Undo> unsettled_;
  Changes in_doubt_;
  std::vector<Damage> damages_;
};

// The rows of the tables.
class TableRows {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;

  // Drops the tables that are not named, creates those that are not there. Nothing is unsettled.
  void keepOnly(const std::vector<std::string>& names);
  void reset() { tables_.clear(); }
  // Null if there is none.
  const Rows* find(std::string_view table) const;
  bool empty() const { return tables_.empty(); }

  void write(const journal::TableBatch& batch, Random& random);
  void requestFlush();
  void settle();
  // Back to what they were after some batch at or after the last finished flush.
  void crash(Random& random);
  std::size_t unsettled() const { return unsettled_.size(); }

 private:
  struct Before {
    Rows* table;  // stays where it is as long as anything is unsettled
    std::string key;
    std::optional<std::string> value;
    std::optional<Rows> cleared;  // the whole table; `key` and `value` say nothing then
  };
  using Undo = std::vector<Before>;

  void settleFirst(std::size_t batches);

  std::map<std::string, Rows, std::less<>> tables_;
  std::deque<Undo> unsettled_;
  std::size_t requested_ = 0;  // how many of unsettled_ a flush under way covers
};

}  // namespace glaux::simulation
