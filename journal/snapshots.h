#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "journal/journal.h"
#include "journal/log_store.h"

// Where the two latest snapshots are, and how they look (FORMAT.md, "Snapshots").
namespace glaux::journal {

// Two slots, written in turn. Fixed keys, so that one can be read when the other is damaged.
inline constexpr std::array<const char*, 2> kSnapshotSlots = {"0", "1"};

// A snapshot as stored: bound to the record it ends with, so that it cannot outlive it.
struct StoredSnapshot {
  Snapshot snapshot;
  Hash leaf_hash;  // of record snapshot.through
};

std::string encodeSnapshot(const Snapshot& snapshot, const Hash& leaf_hash);
// The error says what is wrong with it.
tl::expected<StoredSnapshot, std::string> decodeSnapshot(std::string_view value);

// What is in a slot.
struct SlotContent {
  std::optional<StoredSnapshot> stored;  // sound
  std::string damage;                    // if not empty: why not
};

SlotContent readSlot(const LogStore& log, const char* slot);

// The slot that the next snapshot overwrites: an empty or damaged one, else the older.
const char* nextSlot(const LogStore& log);

}  // namespace glaux::journal
