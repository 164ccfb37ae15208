#include "tests/simulation/simulated_log.h"

#include <optional>

namespace glaux::simulation {
namespace {

using Family = journal::LogStore::Family;
using journal::StoreFailure;

StoreFailure badBlock() {
  return {journal::Error::Kind::kCorrupt, "Corruption: block checksum mismatch on a bad block"};
}

class SimulatedBatch : public journal::LogStore::Batch {
 public:
  void put(Family family, std::string_view key, std::string_view value) override {
    changes.push_back({family, std::string(key), std::string(value)});
  }

  LogRows::Changes changes;
};

class SimulatedCursor : public journal::LogStore::Cursor, private OfMount {
 public:
  SimulatedCursor(std::shared_ptr<SimulatedDisk::State> disk, std::uint64_t mount)
      : OfMount(std::move(disk), mount), row_(rows().end()) {}

  void seek(std::string_view key) override {
    if (alive()) row_ = rows().lower_bound(key);
  }
  void seekToLast() override {
    if (alive()) row_ = rows().empty() ? rows().end() : std::prev(rows().end());
  }
  void next() override { ++row_; }
  bool valid() const override {
    return alive() && row_ != rows().end() && !row_->second.unreadable;
  }
  std::string_view key() const override { return row_->first; }
  std::string_view value() const override { return row_->second.value; }
  std::optional<StoreFailure> failure() const override {
    if (!alive()) return machineIsOff();
    if (row_ != rows().end() && row_->second.unreadable) return badBlock();
    return std::nullopt;
  }

 private:
  const LogRows::Rows& rows() const { return disk().log.of(Family::kRecords); }

  LogRows::Rows::const_iterator row_;
};

}  // namespace

tl::expected<bool, StoreFailure> SimulatedLog::get(Family family, std::string_view key,
                                                   const ValueVisitor& visit) const {
  if (!alive()) return tl::unexpected(machineIsOff());
  const LogRows::Row* row = disk().log.find(family, key);
  if (row == nullptr) return false;
  if (row->unreadable) return tl::unexpected(badBlock());
  visit(row->value);
  return true;
}

bool SimulatedLog::contains(Family family, std::string_view key) const {
  if (!alive()) return false;
  const LogRows::Row* row = disk().log.find(family, key);
  return row != nullptr && !row->unreadable;
}

std::unique_ptr<journal::LogStore::Cursor> SimulatedLog::records(Reading) const {
  return std::make_unique<SimulatedCursor>(disk_, mount_);
}

std::unique_ptr<journal::LogStore::Batch> SimulatedLog::newBatch(std::size_t) {
  return std::make_unique<SimulatedBatch>();
}

tl::expected<void, StoreFailure> SimulatedLog::write(std::unique_ptr<Batch> batch, Sync sync) {
  if (!alive()) return tl::unexpected(machineIsOff());
  if (disk().log_failure) return tl::unexpected(*disk().log_failure);
  disk().at("log: before a write");
  LogRows::Changes changes = std::move(static_cast<SimulatedBatch&>(*batch).changes);
  if (disk().full) {
    disk().log_failure = noSpace();
  } else if (sync == Sync::kNow && std::exchange(disk().fail_next_sync, false)) {
    disk().log_failure = failedSync();
  }
  if (disk().log_failure) {
    disk().log.keepInDoubt(std::move(changes));
    return tl::unexpected(*disk().log_failure);
  }
  disk().log.write(std::move(changes));
  disk().at("log: behind a write, before its sync");
  if (sync == Sync::kNow) {
    disk().log.settle();
    disk().at("log: behind a sync");
  }
  return {};
}

}  // namespace glaux::simulation
