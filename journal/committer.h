#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "journal/identity.h"
#include "journal/journal.h"
#include "journal/storage.h"

namespace glaux::journal {

// Collects appended records and makes them durable in groups: the writing half of Journal, whose
// header states the promises.
//
// One group at a time: take what has gathered (at most max_group_bytes), hash and encode it, write
// it with its blobs and perhaps a snapshot as one synced batch, tell the owner, bring HEAD up to
// date if it is due. With a thread of its own (start) or on the caller's (commitPending), never
// both.
class Committer {
 public:
  struct Settings {
    std::chrono::milliseconds head_interval;
    std::function<std::int64_t()> steady_ms;
    std::size_t max_group_bytes;
    std::function<void(const Durable&)> on_durable;
  };

  // `storage` and `log`, which is of it, outlive the committer. `head` is what HEAD says now, and
  // the last record of the log.
  Committer(Storage& storage, LogStore& log, Settings settings, const Head& head);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  void start();

  Sequence append(Draft draft);
  void writeSnapshot(Snapshot snapshot);
  std::size_t pendingBytes() const;
  Sequence lastSequence() const;
  Sequence durableSequence() const;

  [[nodiscard]] tl::expected<void, Error> commitPending();
  // Drains the queue, ends the thread, brings HEAD up to date. Idempotent.
  [[nodiscard]] tl::expected<void, Error> close();

 private:
  struct Pending {
    Sequence sequence;
    Draft draft;
  };

  // What one synced batch carries.
  struct Group {
    std::vector<Pending> records;
    std::size_t bytes = 0;
    std::optional<Snapshot> snapshot;

    bool empty() const { return records.empty() && !snapshot; }
  };

  void run();
  bool hasWork() const;        // with mutex_ held
  bool snapshotReady() const;  // with mutex_ held
  Group takeGroup();           // with mutex_ held

  void commit(Group group);
  tl::expected<void, Error> write(const Group& group);
  void addRecord(const Pending& pending, LogStore::Batch& batch);
  void addBlobs(const Group& group, LogStore::Batch& batch);
  void addSnapshot(const Snapshot& snapshot, LogStore::Batch& batch);
  bool isStored(const Hash& blob) const;

  bool headIsStale() const;
  std::chrono::milliseconds untilHeadIsDue() const;
  void writeHeadIfDue();
  void writeHead();

  void succeed(const Group& group);
  void fail(const Group& group, Error error);
  void tell(const Durable& news) const;

  Storage& storage_;
  LogStore& log_;
  const Settings settings_;

  mutable std::mutex mutex_;
  std::condition_variable work_;

  // Guarded by mutex_.
  std::deque<Pending> queue_;
  std::optional<Snapshot> waiting_snapshot_;
  Sequence last_;
  Sequence durable_;
  std::size_t pending_bytes_ = 0;
  std::optional<Error> failure_;
  bool closing_ = false;

  // Used by whoever commits: the writer thread, or the owner's in manual mode.
  Head durable_head_;  // describes the last durable record
  Head head_on_disk_;
  std::int64_t head_written_at_ms_;
  std::string value_;  // the record being encoded
  Hash last_leaf_of_group_;

  std::thread writer_;
};

}  // namespace glaux::journal
