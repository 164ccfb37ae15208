#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "journal/tables.h"

namespace glaux::daemon {

// Lists by scope (a workgroup's sessions, a session's calculations), filtered by state, newest
// first. One entry a thing, key = scope | state | ~created, so that a page costs what it shows,
// however long the history: a filter never walks over what it leaves out.
class StateIndex {
 public:
  StateIndex(journal::Tables& tables, std::string_view table) : tables_(tables), table_(table) {}

  // Of one thing; `created` distinguishes the things of a scope.
  struct Place {
    std::string scope;
    std::uint64_t created = 0;
    bool operator==(const Place&) const = default;
  };

  // Changes gather until write(); of a thing that goes through several states in between, only the
  // last one is written.
  void put(const Place& place, std::uint8_t state, std::string_view key);
  void move(const Place& place, std::uint8_t from, std::uint8_t to, std::string_view key);
  void erase(const Place& place, std::uint8_t from, std::string_view key);
  void write(journal::TableBatch& batch);

  struct Entry {
    std::uint64_t created = 0;
    std::string key;
  };

  // The newest `limit` things in any of `states` that were created before `before`.
  tl::expected<std::vector<Entry>, journal::Error> newest(std::string_view scope,
                                                          std::span<const std::uint8_t> states,
                                                          std::optional<std::uint64_t> before,
                                                          std::size_t limit) const;

 private:
  struct Change {
    Place place;
    std::optional<std::uint8_t> from;  // nothing: not in the table yet
    std::optional<std::uint8_t> to;    // nothing: not in it any more
  };

  journal::Tables& tables_;
  std::string table_;
  std::unordered_map<std::string, Change> changes_;
};

}  // namespace glaux::daemon
