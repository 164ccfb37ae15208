// What the simulated disk forgets, keeps, refuses and damages.

#include "tests/simulation/simulated_storage.h"

#include <gmock/gmock.h>

#include <set>

namespace glaux::simulation {
namespace {

using journal::Access;
using journal::Error;
using journal::LogStore;
using journal::Storage;
using journal::TableBatch;
using Family = LogStore::Family;
using File = Storage::File;
using Sync = LogStore::Sync;

struct Crash {};

class SimulatedStorageTest : public ::testing::Test {
 protected:
  SimulatedStorageTest() { mount(); }

  void mount() {
    tables.reset();
    log.reset();
    lock.reset();
    storage = disk->mount();
    torn_tail.reset();
    reset.reset();
    lock = storage->lock().value();
    log = storage->openLog(Access::kReadWrite, &torn_tail).value();
    tables = storage->openTables(Access::kReadWrite, {"left", "right"}, &reset).value();
  }

  auto put(const std::string& key, const std::string& value, Sync sync) {
    auto batch = log->newBatch(0);
    batch->put(Family::kRecords, key, value);
    batch->put(Family::kBlobs, key, value);
    return log->write(std::move(batch), sync);
  }

  // Both tables count the batches.
  void count(int number) {
    TableBatch batch;
    batch.put("left", "count", std::to_string(number));
    if (number % 5 == 0) batch.clear("right");
    batch.put("right", "count", std::to_string(number));
    batch.erase("right", "row " + std::to_string(number - 1));
    batch.put("right", "row " + std::to_string(number), "");
    ASSERT_TRUE(tables->write(batch));
  }

  int counted() {
    const auto left = tables->get("left", "count").value();
    EXPECT_EQ(tables->get("right", "count").value(), left);
    if (!left) return 0;
    EXPECT_TRUE(tables->get("right", "row " + *left).value());
    int rows = 0;
    EXPECT_TRUE(tables->scan("right", "row", "", [&](auto, auto) {
      ++rows;
      return journal::Scan::kContinue;
    }));
    EXPECT_EQ(rows, 1);
    return std::stoi(*left);
  }

  // Throws at the `nth` point from now on, counted from 1.
  void crashAt(int nth) {
    disk->setHook([this, nth, passed = 0](const char* point) mutable {
      last_point = point;
      if (++passed == nth) throw Crash{};
    });
  }

  std::optional<SimulatedDisk> disk{Random(42)};
  std::unique_ptr<Storage> storage;
  std::unique_ptr<Storage::Lock> lock;
  std::unique_ptr<LogStore> log;
  std::unique_ptr<journal::Tables> tables;
  std::optional<std::string> torn_tail, reset;
  std::string last_point;
};

TEST_F(SimulatedStorageTest, SyncedBatchesSurviveAndOfTheOthersAPrefix) {
  std::set<std::size_t> kept;
  std::set<bool> torn;
  for (int round = 0; round < 100; ++round) {
    const std::size_t before = disk->rows(Family::kRecords);
    const std::string name = std::to_string(1000 + round);
    ASSERT_TRUE(put(name + "a", "synced", Sync::kNow));
    for (const char* key : {"b", "c", "d"}) ASSERT_TRUE(put(name + key, "not", Sync::kLater));
    EXPECT_EQ(disk->unsettledLogBatches(), 3u);
    disk->crash();
    const std::size_t survived = disk->rows(Family::kRecords) - before;
    ASSERT_GE(survived, 1u);
    kept.insert(survived);
    EXPECT_EQ(disk->read(Family::kRecords, name + "d").has_value(), survived == 4);
    EXPECT_EQ(disk->read(Family::kRecords, name + "b").has_value(), survived >= 2);
    EXPECT_EQ(disk->rows(Family::kBlobs), disk->rows(Family::kRecords));
    mount();
    EXPECT_FALSE(survived == 4 && torn_tail);
    torn.insert(torn_tail.has_value());
  }
  EXPECT_EQ(kept, (std::set<std::size_t>{1, 2, 3, 4}));
  EXPECT_EQ(torn.size(), 2u);
}

TEST_F(SimulatedStorageTest, ACrashAmidASyncedWriteLeavesAllOfItOrNothing) {
  std::set<bool> outcomes;
  for (int round = 0; round < 50; ++round) {
    const std::string key = std::to_string(1000 + round);
    crashAt(2);
    EXPECT_THROW(static_cast<void>(put(key, "v", Sync::kNow)), Crash);
    EXPECT_EQ(last_point, "log: behind a write, before its sync");
    disk->setHook(nullptr);
    mount();
    const bool there = disk->read(Family::kRecords, key).has_value();
    EXPECT_EQ(disk->read(Family::kBlobs, key).has_value(), there);
    outcomes.insert(there);
  }
  EXPECT_EQ(outcomes.size(), 2u);
}

TEST_F(SimulatedStorageTest, ACrashBesideASyncedWriteLeavesNothingToChance) {
  for (int round = 0; round < 20; ++round) {
    const std::string key = std::to_string(1000 + round);
    const bool behind = round % 2 == 1;
    crashAt(behind ? 3 : 1);
    EXPECT_THROW(static_cast<void>(put(key, "v", Sync::kNow)), Crash);
    disk->setHook(nullptr);
    mount();
    EXPECT_EQ(disk->read(Family::kRecords, key).has_value(), behind);
  }
}

TEST_F(SimulatedStorageTest, AFileIsOldOrNewAfterACrashAmidItsReplacement) {
  std::set<std::string> seen;
  for (int round = 0; round < 50; ++round) {
    ASSERT_TRUE(storage->replaceFile(File::kHead, "old"));
    crashAt(2);
    EXPECT_THROW(static_cast<void>(storage->replaceFile(File::kHead, "new")), Crash);
    disk->setHook(nullptr);
    mount();
    seen.insert(disk->read(File::kHead).value());
  }
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

TEST_F(SimulatedStorageTest, TablesComeBackAsOfOneBatchNotBeforeTheLastFinishedFlush) {
  std::set<int> lost;
  int number = 0;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 4; ++i) count(++number);
    ASSERT_TRUE(tables->flush());
    ASSERT_TRUE(tables->flush());  // the one before is finished
    const int finished = number;
    for (int i = 0; i < 2; ++i) count(++number);
    ASSERT_TRUE(tables->flush());  // perhaps finished by the crash
    for (int i = 0; i < 2; ++i) count(++number);
    disk->crash();
    mount();
    EXPECT_FALSE(reset);
    ASSERT_GE(counted(), finished);
    lost.insert(number - counted());
    number = counted();
  }
  EXPECT_EQ(lost, (std::set<int>{0, 1, 2, 3, 4}));
}

TEST_F(SimulatedStorageTest, UnflushedTablesMayBeForgottenAltogether) {
  std::set<int> survived;
  for (int round = 0; round < 50; ++round) {
    TableBatch batch;
    batch.clear("left");
    batch.clear("right");
    ASSERT_TRUE(tables->write(batch));
    mount();  // what a crash kept is durable
    const int before = counted();
    for (int i = 1; i <= 2; ++i) count(i);
    disk->crash();
    mount();
    survived.insert(counted() - before == 0 ? 0 : counted());
  }
  EXPECT_TRUE(survived.contains(0));
  EXPECT_TRUE(survived.contains(2));
}

TEST_F(SimulatedStorageTest, UnsettledBatchesDoNotGatherForEver) {
  for (int i = 1; i <= 2000; ++i) {
    count(i);
    ASSERT_TRUE(put(std::to_string(10'000 + i), "v", Sync::kNow));
  }
  EXPECT_LE(disk->unsettledTableBatches(), 256u);
  EXPECT_EQ(disk->unsettledLogBatches(), 0u);
}

TEST_F(SimulatedStorageTest, ADeadMountChangesNothingAndCallsNobody) {
  ASSERT_TRUE(put("a", "v", Sync::kNow));
  count(1);
  disk->crash();
  disk->setHook([](const char*) { FAIL(); });
  const auto written = put("b", "v", Sync::kNow);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, Error::Kind::kIo);
  EXPECT_FALSE(storage->replaceFile(File::kHead, "x"));
  EXPECT_FALSE(storage->readFile(File::kHead));
  EXPECT_FALSE(storage->lock());
  EXPECT_FALSE(tables->write(TableBatch()));
  EXPECT_FALSE(tables->flush());
  EXPECT_FALSE(tables->get("left", "count"));
  EXPECT_FALSE(log->contains(Family::kRecords, "a"));
  const auto row = log->records(LogStore::Reading::kOneRow);
  row->seekToLast();
  EXPECT_FALSE(row->valid());
  EXPECT_TRUE(row->failure());
  EXPECT_EQ(disk->rows(Family::kRecords), 1u);
  disk->setHook(nullptr);
  auto old_lock = std::move(lock);
  mount();
  old_lock.reset();  // gives nothing back: it is another's now
  EXPECT_EQ(storage->lock().error().kind, Error::Kind::kLocked);
}

TEST_F(SimulatedStorageTest, AFullDiskRefusesUntilItIsEmptiedAndOpenedAgain) {
  disk->fill();
  EXPECT_EQ(put("a", "v", Sync::kNow).error().kind, Error::Kind::kDiskFull);
  EXPECT_EQ(storage->replaceFile(File::kHead, "x").error().kind, Error::Kind::kDiskFull);
  EXPECT_EQ(tables->flush().error().kind, Error::Kind::kDiskFull);
  disk->empty();
  EXPECT_EQ(put("b", "v", Sync::kNow).error().kind, Error::Kind::kDiskFull);
  EXPECT_TRUE(storage->replaceFile(File::kHead, "x"));
  mount();
  EXPECT_TRUE(put("c", "v", Sync::kNow));
  EXPECT_EQ(disk->read(Family::kRecords, "b"), std::nullopt);
}

TEST_F(SimulatedStorageTest, AFailedSyncFailsTheLogAndLeavesTheBatchInDoubt) {
  std::set<bool> outcomes;
  for (int round = 0; round < 50; ++round) {
    const std::string key = std::to_string(1000 + round);
    disk->failNextSync();
    const auto written = put(key, "v", Sync::kNow);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, Error::Kind::kIo);
    EXPECT_FALSE(put(key + " later", "v", Sync::kNow));
    EXPECT_FALSE(log->contains(Family::kRecords, key));
    disk->crash();
    outcomes.insert(disk->read(Family::kRecords, key).has_value());
    EXPECT_FALSE(disk->read(Family::kRecords, key + " later"));
    mount();
  }
  EXPECT_EQ(outcomes.size(), 2u);
}

TEST_F(SimulatedStorageTest, DamageIsSeenAndRepairTakesItBack) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(put(key, "value", Sync::kNow));
  ASSERT_TRUE(storage->replaceFile(File::kHead, "head"));
  EXPECT_TRUE(disk->flipBit(Family::kRecords, "a", 1000));
  EXPECT_TRUE(disk->flipBit(Family::kRecords, "a", 1003));
  EXPECT_TRUE(disk->flipAnyBit(Family::kBlobs));
  EXPECT_TRUE(disk->makeUnreadable(Family::kRecords, "b"));
  EXPECT_TRUE(disk->remove(Family::kBlobs, "c"));
  EXPECT_TRUE(disk->loseTail(1));
  EXPECT_TRUE(disk->flipBit(File::kHead, 5));
  EXPECT_TRUE(disk->remove(File::kHead));
  EXPECT_FALSE(disk->flipBit(Family::kRecords, "z", 1));
  EXPECT_FALSE(disk->remove(File::kFormat));

  mount();
  EXPECT_NE(disk->read(Family::kRecords, "a"), "value");
  const auto unreadable = log->get(Family::kRecords, "b", [](auto) { FAIL(); });
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().kind, Error::Kind::kCorrupt);
  const auto row = log->records(LogStore::Reading::kOnceThrough);
  row->seek("b");
  EXPECT_FALSE(row->valid());
  EXPECT_EQ(row->failure()->kind, Error::Kind::kCorrupt);
  EXPECT_FALSE(disk->read(Family::kRecords, "c"));
  EXPECT_FALSE(disk->read(File::kHead));

  disk->repair();
  for (const char* key : {"a", "b", "c"}) {
    EXPECT_EQ(disk->read(Family::kRecords, key), "value");
    EXPECT_EQ(disk->read(Family::kBlobs, key), "value");
    EXPECT_TRUE(log->contains(Family::kRecords, key));
  }
  EXPECT_EQ(disk->read(File::kHead), "head");
}

TEST_F(SimulatedStorageTest, RepairKeepsWhatWasWrittenOverTheDamage) {
  ASSERT_TRUE(put("a", "value", Sync::kNow));
  ASSERT_TRUE(disk->flipBit(Family::kRecords, "a", 0));
  ASSERT_TRUE(put("a", "written anew", Sync::kNow));
  disk->repair();
  EXPECT_EQ(disk->read(Family::kRecords, "a"), "written anew");
}

TEST_F(SimulatedStorageTest, DamagedTablesAreBegunAnew) {
  count(1);
  disk->damageTables();
  mount();
  EXPECT_TRUE(reset);
  EXPECT_EQ(counted(), 0);
  mount();
  EXPECT_FALSE(reset);
}

TEST_F(SimulatedStorageTest, TheSameSeedLosesTheSame) {
  const auto history = [this](std::uint64_t seed) {
    disk.emplace(Random(seed));
    std::string seen;
    for (int round = 0; round < 50; ++round) {
      mount();
      for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(put(std::to_string(100 * round + i), "v", Sync::kLater));
      }
      disk->crash();
      seen += std::to_string(disk->rows(Family::kRecords)) + (torn_tail ? " torn " : " ");
    }
    return seen;
  };
  EXPECT_EQ(history(1), history(1));
  EXPECT_NE(history(1), history(2));
}

}  // namespace
}  // namespace glaux::simulation
