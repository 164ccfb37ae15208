#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/aws_json.h"
#include "daemon/core/check.h"
#include "daemon/projections/bytes.h"
#include "journal/tables.h"

namespace glaux::daemon {

// One noun's rows. A row is the API's own answer as JSON, behind the sequence of the record that
// created it (which orders lists): reading it for a client is copying it.
//
// Rows of things that still change are kept decoded between batches, so that a projection does not
// read back what it wrote a moment ago; drop() ends that when the thing has ended. Memory is
// bounded by what is live.
//
// A read that fails is remembered and answered by takeFailure(); the projection then goes on with
// an empty row that will never be written.
template <class Answer>
class RowTable {
 public:
  struct Row {
    std::uint64_t created = 0;
    Answer answer;
  };

  RowTable(journal::Tables& tables, std::string_view table) : tables_(tables), table_(table) {}

  // ---- reading, durable rows only

  // The row's JSON without decoding it.
  tl::expected<std::optional<std::string>, journal::Error> text(std::string_view key) const {
    auto value = tables_.get(table_, key);
    if (value && *value) (*value)->erase(0, sizeof(std::uint64_t));
    return value;
  }

  tl::expected<std::optional<Row>, journal::Error> get(std::string_view key) const {
    auto value = tables_.get(table_, key);
    if (!value) return tl::unexpected(std::move(value.error()));
    if (!*value) return std::nullopt;
    return decodeRow(**value);
  }

  static Row decodeRow(std::string_view value) {
    const std::uint64_t created = readBigEndian64(value);
    auto answer = api::decode<Answer>(value.substr(sizeof(created)));
    core::check(answer.has_value(), "a view's row decodes");
    return Row{created, std::move(*answer)};
  }

  // ---- projecting

  Row& create(std::string_view key, std::uint64_t created) {
    Entry& entry = touch(key);
    entry.row = Row{created, Answer{}};
    entry.is_erased = false;
    return entry.row;
  }

  Row& edit(std::string_view key) {
    bool is_kept = entries_.contains(std::string(key));
    Entry& entry = touch(key);
    if (!is_kept) entry.row = load(key);
    return entry.row;
  }

  // For things that may be new to the view.
  Row& editOrCreate(std::string_view key, std::uint64_t created) {
    if (!entries_.contains(std::string(key))) {
      auto row = get(key);
      if (row && !*row) return create(key, created);
    }
    return edit(key);
  }

  // Nothing will edit the row for a while, once this batch is written.
  void drop(std::string_view key) { touch(key).is_last = true; }

  // The row goes, if it is there. Its key may come back, as another thing's.
  void erase(std::string_view key) {
    Entry& entry = touch(key);
    entry.is_erased = true;
    entry.is_last = true;
  }

  void write(journal::TableBatch& batch) {
    for (const std::string& key : touched_) {
      auto at = entries_.find(key);
      Entry& entry = at->second;
      if (entry.is_erased) {
        batch.erase(table_, key);
      } else {
        batch.put(table_, key, bigEndian64(entry.row.created) + api::encode(entry.row.answer));
      }
      entry.is_touched = false;
      if (entry.is_last) entries_.erase(at);
    }
    touched_.clear();
  }

  std::optional<journal::Error> takeFailure() { return std::exchange(failure_, std::nullopt); }

 private:
  struct Entry {
    Row row;
    bool is_touched = false;  // by this batch
    bool is_last = false;
    bool is_erased = false;
  };

  Entry& touch(std::string_view key) {
    auto at = entries_.try_emplace(std::string(key)).first;
    if (!std::exchange(at->second.is_touched, true)) touched_.push_back(at->first);
    return at->second;
  }

  Row load(std::string_view key) {
    auto row = get(key);
    if (!row) {
      failure_ = std::move(row.error());
      return Row{};
    }
    core::check(row->has_value(), "an event's row exists in its view");
    return std::move(**row);
  }

  journal::Tables& tables_;
  std::string table_;
  std::unordered_map<std::string, Entry> entries_;
  std::vector<std::string> touched_;
  std::optional<journal::Error> failure_;
};

}  // namespace glaux::daemon
