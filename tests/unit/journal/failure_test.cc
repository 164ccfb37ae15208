// What the journal does when writing to the disk fails, and what is there afterwards.

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <unistd.h>

#include <ctime>

#include "tests/unit/journal/faulty_file_system.h"
#include "tests/unit/journal/fixture.h"

namespace glaux::journal {
namespace {

using rocksdb::IOStatus;
using ::testing::AllOf;
using ::testing::HasSubstr;

class FailureTest : public JournalTest {
 protected:
  FailureTest() : env(rocksdb::NewCompositeEnv(disk)) { options.env = env.get(); }
  ~FailureTest() override { journal.reset(); }

  void failPower() {
    disk->failWrites(IOStatus::IOError("no power"));
    journal.reset();
    disk->forgetUnsynced();
    disk->heal();
  }

  std::shared_ptr<FaultyFileSystem> disk = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env;
};

TEST_F(FailureTest, AFailedSyncFailsEveryPendingAndLaterAppend) {
  open();
  fill(3);
  news.clear();
  options.max_group_bytes = 1;
  append("4");
  append("5");
  disk->failSyncs(IOStatus::IOError("the disk is on fire"));
  const auto committed = journal->commitPending();
  ASSERT_FALSE(committed);
  EXPECT_THAT(committed.error().message, AllOf(HasSubstr("on fire"), HasSubstr("records 4 to 5")));
  ASSERT_FALSE(news.empty());

  disk->heal();  // too late: nobody knows what is on disk
  append("6");
  EXPECT_FALSE(journal->commitPending());
  for (const Durable& durable : news) {
    EXPECT_EQ(durable.through, 3u);
    ASSERT_TRUE(durable.failure);
    EXPECT_EQ(durable.failure->message, committed.error().message);
  }
  EXPECT_EQ(news.size(), 2u);
  EXPECT_EQ(journal->durableSequence(), 3u);
  EXPECT_EQ(journal->pendingBytes(), 0u);
  EXPECT_EQ((*journal->read(3))->payload, "3");
  EXPECT_FALSE(journal->close());
}

TEST_F(FailureTest, TheWriterThreadReportsTheFailureForLaterAppendsToo) {
  options.commit = Commit::kWriterThread;
  open();
  disk->failSyncs(IOStatus::IOError("the disk is on fire"));
  append("1");
  while (journal->pendingBytes() > 0) ::usleep(1000);
  append("2");
  const auto closed = journal->close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(news.size(), 2u);
  for (const Durable& durable : news) EXPECT_TRUE(durable.failure);
}

TEST_F(FailureTest, AFailedJournalWhoseHeadIsBehindLeavesTheProcessorAlone) {
  options.commit = Commit::kWriterThread;
  options.on_durable = nullptr;
  options.head_interval = std::chrono::milliseconds(200);
  open();
  append("1");
  while (journal->durableSequence() < 1) ::usleep(100);
  disk->failSyncs(IOStatus::IOError("the disk is on fire"));
  append("2");
  while (journal->pendingBytes() > 0) ::usleep(100);
  ::usleep(250'000);  // HEAD is due
  const std::clock_t before = std::clock();
  ::usleep(300'000);
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 10);
  EXPECT_FALSE(journal->close());
}

TEST_F(FailureTest, AFullDiskIsReportedAsSuchAndLosesNothingAcknowledged) {
  open();
  fill(10);
  disk->failWrites(IOStatus::NoSpace("No space left on device"));
  append("11");
  const auto committed = journal->commitPending();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, Error::Kind::kDiskFull);
  EXPECT_THAT(committed.error().message, HasSubstr("free space"));
  journal.reset();
  disk->heal();
  open();
  EXPECT_GE(journal->lastSequence(), 10u);
  fill(journal->lastSequence() + 5);
}

TEST_F(FailureTest, WhatWasAcknowledgedSurvivesAPowerFailure) {
  for (Sequence round = 1; round <= 20; ++round) {
    open();
    ASSERT_EQ(journal->durableSequence(), 10 * (round - 1));
    fill(10 * round);
    append("never acknowledged");
    failPower();
  }
}

TEST_F(FailureTest, WhatARestartFoundSurvivesAPowerFailure) {
  open();
  fill(5);
  disk->failSyncs(IOStatus::IOError("power is failing"));
  append("6");
  ASSERT_FALSE(journal->commitPending());
  journal.reset();
  disk->heal();

  open();  // record 6 may be there, in the page cache; from now on it counts as durable
  const Sequence found = journal->durableSequence();
  failPower();
  open();
  EXPECT_EQ(journal->durableSequence(), found);
}

TEST_F(FailureTest, TablesSurviveAsOfOneBatchWithACheckpointThatIsTrue) {
  options.tables = {"meta", "left", "right"};
  const auto number = [&](const char* table, const char* key) {
    return std::stoull(journal->tables().get(table, key).value().value_or("0"));
  };
  std::uint64_t survivals = 0;
  Sequence last = 0;
  for (int round = 0; round < 10; ++round) {
    open();
    ASSERT_EQ(journal->openReport().tables_reset, std::nullopt);
    ASSERT_EQ(journal->durableSequence(), last);
    const std::uint64_t checkpoint = number("meta", "checkpoint");
    ASSERT_LE(checkpoint, last);
    ASSERT_EQ(number("left", "count"), checkpoint);
    ASSERT_EQ(number("right", "count"), checkpoint);
    if (checkpoint > 0) {
      ++survivals;
      ASSERT_TRUE(journal->tables().get("left", std::to_string(checkpoint)).value());
    }
    // The daemon's way: replay what the tables lack, then go on; flushes come at any time.
    for (Sequence sequence = checkpoint + 1; sequence <= last + 50; ++sequence) {
      fill(std::max(sequence, last));
      TableBatch batch;
      const std::string text = std::to_string(sequence);
      batch.put("left", text, std::string(60'000, 'l'));
      batch.put("left", "count", text);
      batch.put("right", "count", text);
      batch.put("meta", "checkpoint", text);
      ASSERT_TRUE(journal->tables().write(batch));
      if (sequence % 17 == 0) {
        ASSERT_TRUE(journal->tables().flush());
      }
    }
    last = journal->durableSequence();
    failPower();
  }
  EXPECT_GT(survivals, 0u) << "nothing ever reached the disk";
}

TEST_F(FailureTest, AWriteToTheTablesDoesNotWaitForASync) {
  options.tables = {"meta"};
  open();
  const int before = disk->syncs();
  for (int i = 0; i < 1000; ++i) {
    TableBatch batch;
    batch.put("meta", std::to_string(i), "x");
    ASSERT_TRUE(journal->tables().write(batch));
  }
  EXPECT_EQ(disk->syncs(), before);
}

// A file system of a few megabytes that really runs full.
class FullDiskTest : public JournalTest {
 protected:
  void SetUp() override {
    if (::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=24m") != 0) {
      GTEST_SKIP() << "mounting a small tmpfs needs privileges";
    }
    mounted_ = true;
  }
  void TearDown() override {
    journal.reset();
    if (mounted_) ::umount(directory.path().c_str());
  }

 private:
  bool mounted_ = false;
};

TEST_F(FullDiskTest, RunningFullLosesNothingAcknowledgedAndFreeingSpaceHelps) {
  const auto ballast = directory.path() / "ballast";
  writeAll(ballast, std::string(8 << 20, 'b'));
  open();
  std::string noise;
  for (int i = 0; noise.size() < 100'000; ++i) noise += sha256(std::to_string(i)).view();
  for (;;) {
    append(noise);
    const auto committed = journal->commitPending();
    if (committed) continue;
    EXPECT_EQ(committed.error().kind, Error::Kind::kDiskFull) << committed.error().message;
    break;
  }
  const Sequence acknowledged = journal->durableSequence();
  EXPECT_GT(acknowledged, 10u);
  journal.reset();

  const Error still_full = [&] {
    auto opened = Journal::open(options);
    return opened ? Error{Error::Kind::kDiskFull, ""} : opened.error();
  }();
  EXPECT_EQ(still_full.kind, Error::Kind::kDiskFull) << still_full.message;

  std::filesystem::remove(ballast);
  open();
  EXPECT_GE(journal->lastSequence(), acknowledged);
  append("there is room again");
  commit();
  EXPECT_EQ(payloads().size(), journal->lastSequence());
}

}  // namespace
}  // namespace glaux::journal
