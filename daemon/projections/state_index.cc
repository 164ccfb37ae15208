#include "daemon/projections/state_index.h"

#include <algorithm>

#include "daemon/projections/bytes.h"

namespace glaux::daemon {
namespace {

std::string prefixOf(std::string_view scope, std::uint8_t state) {
  std::string prefix(scope);
  prefix += '\0';
  prefix += static_cast<char>(state);
  return prefix;
}

std::string keyAt(std::string_view scope, std::uint8_t state, std::uint64_t created) {
  return prefixOf(scope, state) + bigEndian64(~created);
}

}  // namespace

void StateIndex::put(const Place& place, std::uint8_t state, std::string_view key) {
  changes_.insert_or_assign(std::string(key), Change{place, std::nullopt, state});
}

void StateIndex::move(const Place& place, std::uint8_t from, std::uint8_t to,
                      std::string_view key) {
  changes_.try_emplace(std::string(key), Change{place, from, to}).first->second.to = to;
}

void StateIndex::erase(const Place& place, std::uint8_t from, std::string_view key) {
  changes_.try_emplace(std::string(key), Change{place, from, std::nullopt})
      .first->second.to.reset();
}

void StateIndex::write(journal::TableBatch& batch) {
  for (const auto& [key, change] : changes_) {
    if (change.from == change.to) continue;
    if (change.from)
      batch.erase(table_, keyAt(change.place.scope, *change.from, change.place.created));
    if (change.to)
      batch.put(table_, keyAt(change.place.scope, *change.to, change.place.created), key);
  }
  changes_.clear();
}

tl::expected<std::vector<StateIndex::Entry>, journal::Error> StateIndex::newest(
    std::string_view scope, std::span<const std::uint8_t> states,
    std::optional<std::uint64_t> before, std::size_t limit) const {
  std::vector<Entry> entries;
  for (std::uint8_t state : states) {
    std::size_t left = limit;
    std::string prefix = prefixOf(scope, state);
    auto scanned = tables_.scan(
        table_, prefix, before ? keyAt(scope, state, *before) : std::string{},
        [&](std::string_view key, std::string_view value) {
          entries.push_back({~readBigEndian64(key.substr(prefix.size())), std::string(value)});
          return --left == 0 ? journal::Scan::kStop : journal::Scan::kContinue;
        });
    if (!scanned) return tl::unexpected(std::move(scanned.error()));
  }
  std::ranges::sort(entries, std::ranges::greater{}, &Entry::created);
  if (entries.size() > limit) entries.resize(limit);
  return entries;
}

}  // namespace glaux::daemon
