#include "journal/journal.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/unit/journal/fixture.h"

namespace glaux::journal {
namespace {

using Strings = std::vector<std::string>;

TEST_F(JournalTest, ANewJournalIsEmptyAndSaysSo) {
  open();
  EXPECT_TRUE(journal->openReport().created);
  EXPECT_EQ(journal->lastSequence(), 0u);
  EXPECT_EQ(journal->durableSequence(), 0u);
  EXPECT_EQ(journal->id(), (JournalId{1, 2, 3}));
  EXPECT_EQ(payloads(), Strings{});
}

TEST_F(JournalTest, SequencesBeginAtOneAndHaveNoGaps) {
  open();
  EXPECT_EQ(append("a"), 1u);
  EXPECT_EQ(append("b"), 2u);
  reopen();
  EXPECT_EQ(append("c"), 3u);
  commit();
  EXPECT_EQ(payloads(), (Strings{"a", "b", "c"}));
  EXPECT_EQ(payloads(2), (Strings{"b", "c"}));
  EXPECT_EQ(payloads(4), Strings{});
}

TEST_F(JournalTest, ReopeningKeepsTheIdItWasCreatedWith) {
  open();
  close();
  options.new_journal_id = {9};
  open();
  EXPECT_FALSE(journal->openReport().created);
  EXPECT_EQ(journal->id(), (JournalId{1, 2, 3}));
}

TEST_F(JournalTest, NothingIsDurableBeforeItIsCommitted) {
  open();
  append("a");
  append("b");
  EXPECT_EQ(journal->lastSequence(), 2u);
  EXPECT_EQ(journal->durableSequence(), 0u);
  EXPECT_GT(journal->pendingBytes(), 0u);
  EXPECT_TRUE(news.empty());
  EXPECT_EQ(*journal->read(1), std::nullopt);

  commit();
  EXPECT_EQ(journal->durableSequence(), 2u);
  EXPECT_EQ(journal->pendingBytes(), 0u);
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].through, 2u);
  EXPECT_FALSE(news[0].failure);
}

TEST_F(JournalTest, GroupsAreBoundedAndReportedInOrder) {
  options.max_group_bytes = 1000;
  open();
  for (int i = 0; i < 10; ++i) append(std::string(300, 'x'));
  append(std::string(5000, 'y'));  // larger than a group, and still a group
  append("z");
  commit();
  std::vector<Sequence> through;
  for (const Durable& durable : news) through.push_back(durable.through);
  EXPECT_EQ(through, (std::vector<Sequence>{2, 4, 6, 8, 10, 11, 12}));
}

TEST_F(JournalTest, TheWriterThreadCoversEverySequenceOnceAndInOrder) {
  constexpr Sequence kRecords = 5000;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Sequence> through;
  options.commit = Commit::kWriterThread;
  options.max_group_bytes = 4096;
  options.on_durable = [&](const Durable& durable) {
    const std::lock_guard lock(mutex);
    EXPECT_FALSE(durable.failure);
    through.push_back(durable.through);
    changed.notify_one();
  };
  open();
  for (Sequence i = 1; i <= kRecords; ++i) EXPECT_EQ(append(std::to_string(i)), i);
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return !through.empty() && through.back() == kRecords; });
    EXPECT_TRUE(std::is_sorted(through.begin(), through.end(), std::less_equal<>()));
    EXPECT_LT(through.size(), kRecords) << "nothing was grouped";
  }
  EXPECT_EQ(payloads().size(), kRecords);
  close();
}

TEST_F(JournalTest, ClosingMakesEverythingDurable) {
  options.commit = Commit::kWriterThread;
  open();
  for (int i = 0; i < 1000; ++i) append("x");
  close();
  ASSERT_FALSE(news.empty());
  EXPECT_EQ(news.back().through, 1000u);
  open();
  EXPECT_EQ(journal->openReport().last_sequence, 1000u);
  EXPECT_EQ(journal->openReport().head_sequence, 1000u);
  EXPECT_EQ(journal->openReport().torn_tail, std::nullopt);
}

TEST_F(JournalTest, HeadFollowsWithinItsIntervalWithoutFurtherAppends) {
  options.commit = Commit::kWriterThread;
  options.head_interval = std::chrono::milliseconds(50);
  open();
  append("a");
  const auto head = [&] { return readAll(options.directory / "HEAD"); };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (head().find("sequence 1\n") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << head();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST_F(JournalTest, ARecordIsReadByItsNumber) {
  open();
  Draft full = draft("payload");
  full.skippable = true;
  journal->append(full);
  commit();
  const auto record = journal->read(1);
  ASSERT_TRUE(record && *record);
  EXPECT_EQ((*record)->sequence, 1u);
  EXPECT_EQ((*record)->kind, 7);
  EXPECT_TRUE((*record)->skippable);
  EXPECT_EQ((*record)->view().payload, "payload");
  EXPECT_EQ(*journal->read(2), std::nullopt);
  EXPECT_EQ(*journal->read(0), std::nullopt);
}

TEST_F(JournalTest, ABlobIsReadByItsDigest) {
  open();
  const Blob blob = makeBlob(std::string(100'000, 'b'));
  Draft with_blob = draft("see blob");
  with_blob.blobs = {blob};
  journal->append(with_blob);
  commit();
  reopen();
  EXPECT_EQ(*journal->readBlob(blob.digest), blob.bytes);
  EXPECT_EQ(*journal->readBlob(sha256("something else")), std::nullopt);
}

TEST_F(JournalTest, TheSameBlobIsStoredOnce) {
  open();
  std::string noise;  // does not compress
  for (int i = 0; noise.size() < 100'000; ++i) noise += sha256(std::to_string(i)).view();
  const auto written = [&] {
    std::uintmax_t bytes = 0;
    for (const auto& file : logFiles(".log")) bytes += std::filesystem::file_size(file);
    return bytes;
  };
  for (int round = 0; round < 5; ++round) {
    Draft twice = draft("see blob");
    twice.blobs = {makeBlob(noise), makeBlob(noise)};
    journal->append(twice);
    if (round != 1) commit();  // two records of one group, and several groups
  }
  EXPECT_GT(written(), 100'000u);
  EXPECT_LT(written(), 150'000u);
}

TEST_F(JournalTest, AVisitorMayStop) {
  open();
  fill(10);
  StopAtFirstProblem reporter;
  const auto end = journal->replay(
      3, [](const Record& record) { return record.sequence == 5 ? Scan::kStop : Scan::kContinue; },
      reporter);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->reason, ReplayEnd::Reason::kVisitor);
  EXPECT_EQ(end->records, 3u);
  EXPECT_EQ(end->next, 6u);
}

TEST_F(JournalTest, AReplayEndsWithWhatWasDurableWhenItBegan) {
  open();
  fill(3);
  StopAtFirstProblem reporter;
  const auto end = journal->replay(
      1,
      [&](const Record&) {
        append("during replay");
        commit();
        return Scan::kContinue;
      },
      reporter);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->reason, ReplayEnd::Reason::kEndOfJournal);
  EXPECT_EQ(end->records, 3u);
  EXPECT_EQ(journal->lastSequence(), 6u);
}

TEST_F(JournalTest, WhatIsReadDoesNotDependOnFlushesAndCompactions) {
  open();
  Strings expected;
  for (int i = 0; i < 40; ++i) {  // 40 MB through an 8 MiB buffer
    expected.push_back(std::string(1'000'000, static_cast<char>('a' + i % 26)));
    append(expected.back());
    commit();
  }
  EXPECT_FALSE(logFiles(".sst").empty());
  EXPECT_EQ(payloads(), expected);
  reopen();
  EXPECT_EQ(payloads(), expected);
}

using JournalDeathTest = JournalTest;

TEST_F(JournalDeathTest, ABlobUnderAWrongDigestEndsTheProcess) {
  open();
  Draft wrong = draft("see blob");
  wrong.blobs = {Blob{sha256("one thing"), "another"}};
  EXPECT_DEATH(
      {
        journal->append(wrong);
        static_cast<void>(journal->commitPending());
      },
      "digest");
}

TEST_F(JournalDeathTest, AppendingToAReadOnlyJournalEndsTheProcess) {
  open();
  close();
  options.access = Access::kReadOnly;
  open();
  EXPECT_DEATH(append("a"), "read-only");
}

}  // namespace
}  // namespace glaux::journal
