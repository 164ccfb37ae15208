#include "journal/committer.h"

#include <pthread.h>
#include <set>
#include <utility>

#include "journal/require.h"
#include "journal/snapshots.h"
#include "journal/status.h"

namespace glaux::journal {
namespace {

using Family = LogStore::Family;

std::size_t sizeOf(const Draft& draft) {
  std::size_t bytes = draft.payload.size() + kRecordOverheadBytes;
  for (const Blob& blob : draft.blobs) bytes += blob.bytes.size();
  return bytes;
}

}  // namespace

std::int64_t steadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Committer::Committer(Storage& storage, LogStore& log, Settings settings, const Head& head)
    : storage_(storage),
      log_(log),
      settings_(std::move(settings)),
      last_(head.sequence),
      durable_(head.sequence),
      durable_head_(head),
      head_on_disk_(head),
      head_written_at_ms_(settings_.steady_ms()) {}

Committer::~Committer() { static_cast<void>(close()); }

void Committer::start() {
  writer_ = std::thread([this] { run(); });
  ::pthread_setname_np(writer_.native_handle(), "journal");
}

Sequence Committer::append(Draft draft) {
  const std::lock_guard lock(mutex_);
  require(!closing_, "append to a closed journal");
  pending_bytes_ += sizeOf(draft);
  queue_.push_back({++last_, std::move(draft)});
  work_.notify_one();
  return last_;
}

void Committer::writeSnapshot(Snapshot snapshot) {
  const std::lock_guard lock(mutex_);
  require(!closing_, "snapshot into a closed journal");
  require(snapshot.through >= 1 && snapshot.through <= last_,
          "a snapshot of records that do not exist");
  waiting_snapshot_ = std::move(snapshot);
  work_.notify_one();
}

std::size_t Committer::pendingBytes() const {
  const std::lock_guard lock(mutex_);
  return pending_bytes_;
}

Sequence Committer::lastSequence() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

Sequence Committer::durableSequence() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

tl::expected<void, Error> Committer::commitPending() {
  require(!writer_.joinable(), "commitPending beside a writer thread");
  std::unique_lock lock(mutex_);
  // Records that on_durable appends wait for the next call.
  const Sequence until = last_;
  while (snapshotReady() || (!queue_.empty() && queue_.front().sequence <= until)) {
    Group group = takeGroup();
    lock.unlock();
    commit(std::move(group));
    writeHeadIfDue();
    lock.lock();
  }
  lock.unlock();
  writeHeadIfDue();
  lock.lock();
  if (failure_) return tl::unexpected(*failure_);
  return {};
}

tl::expected<void, Error> Committer::close() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closing_, true)) {
      if (failure_) return tl::unexpected(*failure_);
      return {};
    }
    work_.notify_one();
  }
  if (writer_.joinable()) {
    writer_.join();
  } else {
    static_cast<void>(commitPending());
  }
  if (headIsStale()) writeHead();
  const std::lock_guard lock(mutex_);
  if (failure_) return tl::unexpected(*failure_);
  return {};
}

void Committer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto busy = [this] { return hasWork() || closing_; };
    if (headIsStale()) {
      work_.wait_for(lock, untilHeadIsDue(), busy);
    } else {
      work_.wait(lock, busy);
    }
    Group group = takeGroup();
    if (group.empty() && closing_) return;
    lock.unlock();
    if (!group.empty()) commit(std::move(group));
    writeHeadIfDue();
    lock.lock();
  }
}

bool Committer::hasWork() const { return !queue_.empty() || snapshotReady(); }

bool Committer::snapshotReady() const {
  return waiting_snapshot_ && (waiting_snapshot_->through <= durable_ || failure_);
}

Committer::Group Committer::takeGroup() {
  Group group;
  while (!queue_.empty()) {
    const std::size_t bytes = sizeOf(queue_.front().draft);
    if (!group.records.empty() && group.bytes + bytes > settings_.max_group_bytes) break;
    group.bytes += bytes;
    group.records.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (snapshotReady()) group.snapshot = std::exchange(waiting_snapshot_, std::nullopt);
  return group;
}

void Committer::commit(Group group) {
  std::optional<Error> failure;
  {
    const std::lock_guard lock(mutex_);
    failure = failure_;
  }
  if (failure) {
    fail(group, std::move(*failure));
  } else if (auto written = write(group); !written) {
    fail(group, std::move(written.error()));
  } else {
    succeed(group);
  }
}

tl::expected<void, Error> Committer::write(const Group& group) {
  auto batch = log_.newBatch(group.bytes + 64 * group.records.size());
  for (const Pending& pending : group.records) addRecord(pending, *batch);
  addBlobs(group, *batch);
  if (group.snapshot) addSnapshot(*group.snapshot, *batch);

  const auto written = log_.write(std::move(batch), LogStore::Sync::kNow);
  if (written) return {};
  const std::string what = group.records.empty()
                               ? "a snapshot"
                               : "records " + std::to_string(group.records.front().sequence) +
                                     " to " + std::to_string(group.records.back().sequence);
  return tl::unexpected(errorFrom(written.error(), "writing " + what + " to " + log_.name()));
}

void Committer::addRecord(const Pending& pending, LogStore::Batch& batch) {
  last_leaf_of_group_ = encodeRecord(pending.sequence, pending.draft, &value_);
  batch.put(Family::kRecords, encodeSequence(pending.sequence), value_);
}

void Committer::addBlobs(const Group& group, LogStore::Batch& batch) {
  std::set<Hash> seen;
  for (const Pending& pending : group.records) {
    for (const Blob& blob : pending.draft.blobs) {
      if (!seen.insert(blob.digest).second || isStored(blob.digest)) continue;
      require(sha256(blob.bytes) == blob.digest, "a blob's digest is not that of its bytes");
      batch.put(Family::kBlobs, blob.digest.view(), blob.bytes);
    }
  }
}

bool Committer::isStored(const Hash& blob) const {
  // A stored blob that cannot be read is better stored again.
  return log_.contains(Family::kBlobs, blob.view());
}

void Committer::addSnapshot(const Snapshot& snapshot, LogStore::Batch& batch) {
  std::optional<Hash> leaf_hash;
  const auto keep_leaf = [&](std::string_view value) {
    if (const auto record = decodeRecord(snapshot.through, value)) leaf_hash = record->leaf_hash;
  };
  const auto found = log_.get(Family::kRecords, encodeSequence(snapshot.through), keep_leaf);
  // Snapshots are disposable; the damage to the record will be met by whoever needs the record.
  if (!found || !leaf_hash) return;
  batch.put(Family::kSnapshots, nextSlot(log_), encodeSnapshot(snapshot, *leaf_hash));
}

bool Committer::headIsStale() const { return head_on_disk_ != durable_head_; }

std::chrono::milliseconds Committer::untilHeadIsDue() const {
  return settings_.head_interval -
         std::chrono::milliseconds(settings_.steady_ms() - head_written_at_ms_);
}

void Committer::writeHeadIfDue() {
  if (headIsStale() && untilHeadIsDue() <= std::chrono::milliseconds(0)) writeHead();
}

void Committer::writeHead() {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) {
      head_on_disk_ = durable_head_;  // a failed journal vouches for nothing more: never due again
      return;
    }
  }
  auto written = storage_.replaceFile(Storage::File::kHead, encodeHead(durable_head_));
  head_on_disk_ = durable_head_;
  head_written_at_ms_ = settings_.steady_ms();
  // Without HEAD a lost tail would go unnoticed, so this is as bad as not being able to sync.
  if (!written) fail({}, std::move(written.error()));
}

void Committer::succeed(const Group& group) {
  if (group.records.empty()) return;
  const Sequence through = group.records.back().sequence;
  durable_head_.sequence = through;
  durable_head_.leaf_hash = last_leaf_of_group_;
  {
    const std::lock_guard lock(mutex_);
    durable_ = through;
    pending_bytes_ -= group.bytes;
  }
  tell({through, std::nullopt});
}

void Committer::fail(const Group& group, Error error) {
  Sequence durable;
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = error;
    pending_bytes_ -= group.bytes;
    durable = durable_;
  }
  tell({durable, std::move(error)});
}

void Committer::tell(const Durable& news) const {
  if (settings_.on_durable) settings_.on_durable(news);
}

}  // namespace glaux::journal
