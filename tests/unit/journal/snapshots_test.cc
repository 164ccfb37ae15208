#include "journal/snapshots.h"

#include "journal/database.h"
#include "tests/unit/journal/fixture.h"

namespace glaux::journal {
namespace {

class SnapshotsTest : public JournalTest {
 protected:
  std::optional<Snapshot> latest() {
    auto snapshot = journal->latestSnapshot(problems);
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    return std::move(*snapshot);
  }

  // Writes over a slot of the closed journal.
  void overwriteSlot(const char* slot, const std::string& value) {
    close();
    std::optional<std::string> torn_tail;
    auto log = openLog({logDirectory(), Access::kReadWrite, nullptr}, &torn_tail);
    ASSERT_TRUE(log) << log.error().message;
    const Database& database = **log;
    ASSERT_TRUE(database.db()
                    .Put(rocksdb::WriteOptions(), database.family(kSnapshotsFamily), slot, value)
                    .ok());
    log->reset();
    open();
  }

  ListProblems problems;
};

TEST_F(SnapshotsTest, ThereIsNoneAtFirst) {
  open();
  EXPECT_FALSE(latest());
  EXPECT_TRUE(problems.problems.empty());
}

TEST_F(SnapshotsTest, ASnapshotWaitsForItsRecords) {
  open();
  append("1");
  journal->writeSnapshot(1, 5, "state");
  EXPECT_FALSE(latest());
  commit();
  const auto snapshot = latest();
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->through, 1u);
  EXPECT_EQ(snapshot->version, 5);
  EXPECT_EQ(snapshot->bytes, "state");
}

TEST_F(SnapshotsTest, TheWriterThreadWritesASnapshotWithoutFurtherAppends) {
  options.commit = Commit::kWriterThread;
  open();
  append("1");
  journal->writeSnapshot(1, 1, "state");
  close();
  open();
  ASSERT_TRUE(latest());
}

TEST_F(SnapshotsTest, TheTwoLatestAreKept) {
  open();
  fill(3);
  for (Sequence through = 1; through <= 3; ++through) {
    journal->writeSnapshot(through, 1, "state " + std::to_string(through));
    commit();
  }
  reopen();
  EXPECT_EQ(latest()->bytes, "state 3");
  overwriteSlot("0", "damaged");  // the slot of the first and the third
  EXPECT_EQ(latest()->bytes, "state 2");
  ASSERT_EQ(problems.problems.size(), 1u);
  EXPECT_EQ(problems.problems[0].kind, Problem::Kind::kDamagedSnapshot);
}

TEST_F(SnapshotsTest, WithoutASoundOneThereIsNone) {
  open();
  fill(2);
  journal->writeSnapshot(1, 1, "state 1");
  commit();
  overwriteSlot("0", "damaged");
  EXPECT_FALSE(latest());
  journal->writeSnapshot(2, 1, "state 2");
  commit();
  EXPECT_EQ(latest()->bytes, "state 2");
}

TEST_F(SnapshotsTest, ASnapshotOfRecordsOfAnotherHistoryIsPassedOver) {
  open();
  fill(2);
  overwriteSlot("0", encodeSnapshot({2, 1, "of another history"}, sha256("another record 2")));
  EXPECT_FALSE(latest());
  overwriteSlot("1", encodeSnapshot({9, 1, "of lost records"}, sha256("record 9")));
  EXPECT_FALSE(latest());
}

TEST_F(SnapshotsTest, EveryFlippedBitIsNoticed) {
  const std::string value = encodeSnapshot({2, 1, "state"}, sha256("record"));
  ASSERT_TRUE(decodeSnapshot(value));
  for (std::size_t bit = 0; bit < 8 * value.size(); ++bit) {
    std::string damaged = value;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(decodeSnapshot(damaged)) << "bit " << bit;
  }
}

}  // namespace
}  // namespace glaux::journal
