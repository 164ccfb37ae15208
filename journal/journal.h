#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "journal/access.h"
#include "journal/error.h"
#include "journal/record.h"
#include "journal/replay.h"
#include "journal/tables.h"

namespace rocksdb {
class Env;
}

namespace glaux::journal {

class Storage;

// Names a journal for ever. Random, chosen by whoever creates the journal.
using JournalId = std::array<std::uint8_t, 16>;

// News from the journal: every record up to and including `through` is on disk.
struct Durable {
  Sequence through = 0;
  // If set, no record after `through` is, and none will ever be: see Journal.
  std::optional<Error> failure;
};

// The state behind records 1 to `through`, as the caller encoded it. Snapshots are disposable: they
// only save time, and whoever cannot read one replays instead.
struct Snapshot {
  Sequence through = 0;
  std::uint16_t version = 0;  // of the caller's encoding
  std::string bytes;
};

// What opening found that is worth a line in the log, and no reason to refuse.
struct OpenReport {
  bool created = false;        // there was no journal, there is one now
  Sequence last_sequence = 0;  // recovered
  Sequence head_sequence = 0;  // what HEAD vouched for
  bool head_missing = false;   // no HEAD: a lost tail could not be detected
  // The process before us died while writing; what it had not finished, and so never acknowledged,
  // was dropped. Says which file and how it ended.
  std::optional<std::string> torn_tail;
  // The tables could not be opened for this reason, and are empty.
  std::optional<std::string> tables_reset;
  // Read-only access to a journal that lost records (otherwise Error::Kind::kLostTail).
  std::optional<Error> lost_tail;
};

enum class Commit {
  kWriterThread,  // a thread of the journal's own makes records durable
  kManual,        // commitPending() does, on the calling thread: for simulation and tests
};

// Milliseconds of the steady clock.
std::int64_t steadyMs();

struct Options {
  // The state directory; created (mode 0700) if it is not there. See FORMAT.md for what is in it.
  std::filesystem::path directory;
  Access access = Access::kReadWrite;
  Commit commit = Commit::kWriterThread;
  // Used if this opening creates the journal, and ignored otherwise.
  JournalId new_journal_id{};
  // Tables of this opening. New names begin empty; tables no longer named are dropped (not under
  // kReadOnly). If empty, the tables on disk are left alone and tables() must not be called.
  std::vector<std::string> tables;
  // Called in the order of sequences, every sequence covered once, with no lock held: by the writer
  // thread, or within commitPending() and close(). Must not throw, and must not call close(). Until
  // open() has returned it is not called.
  std::function<void(const Durable&)> on_durable;
  // HEAD is never further behind than this; 0 writes it with every group.
  std::chrono::milliseconds head_interval{1000};
  // A group is closed once it holds this much, so that one sync never carries an unbounded amount.
  std::size_t max_group_bytes = std::size_t{4} << 20;
  // What steady_clock says, in milliseconds; head_interval is measured by it. With a writer thread,
  // only the real one makes sense.
  std::function<std::int64_t()> steady_ms = steadyMs;
  // For simulation: what the journal stands on instead of RocksDB and the file system. Outlives the
  // journal; `directory` and `env` are not used. What it throws passes through the journal, which
  // is good for nothing but destruction then; that may still call on_durable, with a failure.
  Storage* storage = nullptr;
  // For tests: the file system below the databases. Outlives the journal. Null: the real one.
  rocksdb::Env* env = nullptr;
};

// An append-only log of opaque records, numbered 1, 2, 3, …, on disk for ever.
//
// Appending is assigning a number: append() returns at once, and the record becomes durable later,
// in a group with others, by one synced write; on_durable then covers its sequence. Nothing may be
// told to anybody before that. While one group syncs, the next one fills.
//
// If a write or sync fails, nobody knows what is on disk. From then on the journal is failed:
// on_durable reports the failure for every pending and every later append, always the same one, and
// never again a durable record. Records stay readable. The owner is expected to exit; the next
// opening finds every acknowledged record, and perhaps some of those that never were.
//
// Threads: append, writeSnapshot, commitPending and close belong to one thread (the loop). Reading
// is free to all threads.
class Journal {
 public:
  // Fails with any Error::Kind. Only kIo, kDiskFull and damaged tables are met late enough for
  // anything to have been written before.
  [[nodiscard]] static tl::expected<std::unique_ptr<Journal>, Error> open(Options options);
  // Closes. Use close() to learn how that went.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  const OpenReport& openReport() const;
  const JournalId& id() const;

  // --- Writing (Access::kReadWrite only; anything else is a broken invariant) ---

  // Takes the record and returns its sequence. Never waits for the disk. A blob whose digest is not
  // that of its bytes is a broken invariant.
  Sequence append(Draft draft);
  // What has been appended and is neither durable nor failed, in bytes: for pushing back on clients
  // when the disk is slower than they are.
  std::size_t pendingBytes() const;
  // What the databases hold in memory: write buffers, caches, open files. Bounded, whatever the
  // history.
  std::size_t memoryBytes() const;
  // Commit::kManual: makes everything appended so far durable, in groups, and a waiting snapshot if
  // it may be written; calls on_durable on this thread. Returns the journal's failure, if it has
  // one.
  [[nodiscard]] tl::expected<void, Error> commitPending();
  // Stores the state behind records 1 to `through` with the first group that is written once those
  // are durable, or with the group that makes them so. A snapshot still waiting is replaced. The
  // two latest are kept.
  void writeSnapshot(Sequence through, std::uint16_t version, std::string bytes);
  // Makes everything appended durable, brings HEAD up to date, writes the tables, releases the
  // lock. Nothing else may be called afterwards. Returns the first failure in the journal's life.
  [[nodiscard]] tl::expected<void, Error> close();

  // --- Reading ---

  Sequence lastSequence() const;     // appended last, durable or not
  Sequence durableSequence() const;  // 0 in an empty journal

  // Nothing if there is no such durable record; kCorrupt if its hash does not fit.
  [[nodiscard]] tl::expected<std::optional<OwnedRecord>, Error> read(Sequence sequence) const;
  // The content is checked against `digest`: kCorrupt if it does not fit.
  [[nodiscard]] tl::expected<std::optional<std::string>, Error> readBlob(const Hash& digest) const;

  // Visits the records from `from` to the last that is durable now, in order, each with its hash
  // and its number checked. `from` 0 means 1. Problems go to `reporter`, who decides whether to
  // step over them. An Error is a failure of the environment, not of the journal's contents.
  [[nodiscard]] tl::expected<ReplayEnd, Error> replay(Sequence from, const Visitor& visit,
                                                      Reporter& reporter) const;

  // The latest snapshot that is sound. Damaged ones are reported and passed over; the reporter's
  // answer does not matter. Nothing if there is none: replay from the first record.
  [[nodiscard]] tl::expected<std::optional<Snapshot>, Error> latestSnapshot(
      Reporter& reporter) const;

  Tables& tables();

 private:
  struct Impl;
  explicit Journal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace glaux::journal
