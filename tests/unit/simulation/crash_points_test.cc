// A real Journal on the simulated disk: crashed at every point, refused, damaged.

#include <gmock/gmock.h>

#include <chrono>
#include <set>

#include "journal/journal.h"
#include "tests/simulation/simulated_storage.h"
#include "tests/unit/journal/fixture.h"

namespace glaux::simulation {
namespace {

using journal::Draft;
using journal::Durable;
using journal::Error;
using journal::Journal;
using journal::Sequence;
using journal::Snapshot;
using Family = journal::LogStore::Family;
using File = journal::Storage::File;

struct PowerFailure {
  std::string point;
};

std::string payloadOf(Sequence sequence) { return "payload " + std::to_string(sequence); }
std::string blobOf(Sequence sequence) { return "blob " + std::to_string(sequence / 2); }

class CrashPointsTest : public ::testing::Test {
 protected:
  CrashPointsTest() {
    options.commit = journal::Commit::kManual;
    options.tables = {"meta", "rows"};
    options.head_interval = std::chrono::milliseconds(100);
    options.new_journal_id = {1, 2, 3};
    options.max_group_bytes = 100;
    options.steady_ms = [this] { return now_ms; };
    options.on_durable = [this](const Durable& durable) {
      EXPECT_GE(durable.through, acknowledged);
      acknowledged = durable.through;
      failures += durable.failure.has_value();
    };
  }

  tl::expected<void, Error> open() {
    journal.reset();
    storage = disk->mount();
    options.storage = storage.get();
    auto opened = Journal::open(options);
    if (!opened) return tl::unexpected(opened.error());
    journal = std::move(*opened);
    return {};
  }

  void beginAnew(Random random) {
    journal.reset();
    storage.reset();
    disk.emplace(random);
    acknowledged = 0;
  }

  // Some of what a daemon does in its life.
  void live(int steps) {
    for (int step = 0; step < steps; ++step) {
      now_ms += 40;
      for (int i = 0; i < 3; ++i) append();
      ASSERT_TRUE(journal->commitPending());
      const Sequence through = journal->durableSequence();
      TableBatch batch;
      batch.put("rows", std::to_string(through), "");
      batch.put("meta", "checkpoint", std::to_string(through));
      ASSERT_TRUE(journal->tables().write(batch));
      if (step % 3 == 1) journal->writeSnapshot(through, 1, payloadOf(through));
      if (step % 3 == 2) {
        ASSERT_TRUE(journal->tables().flush());
      }
    }
  }

  void append() {
    const Sequence next = journal->lastSequence() + 1;
    Draft draft = journal::draft(payloadOf(next));
    draft.blobs = {journal::makeBlob(blobOf(next))};
    journal->append(std::move(draft));
  }

  // That the open journal has all that was acknowledged, and nothing that was never appended.
  void expectWhole() {
    ASSERT_GE(journal->lastSequence(), acknowledged);
    acknowledged = journal->lastSequence();
    EXPECT_FALSE(journal->openReport().tables_reset);
    journal::StopAtFirstProblem problem;
    const auto end = journal->replay(
        1,
        [&](const journal::Record& record) {
          EXPECT_EQ(record.payload, payloadOf(record.sequence));
          return journal::Scan::kContinue;
        },
        problem);
    ASSERT_TRUE(end) << end.error().message;
    ASSERT_FALSE(problem.problem()) << describe(*problem.problem());
    ASSERT_EQ(end->records, acknowledged);
    for (Sequence sequence = 1; sequence <= acknowledged; ++sequence) {
      const std::string blob = blobOf(sequence);
      ASSERT_EQ(journal->readBlob(journal::sha256(blob)).value(), blob);
    }
    const auto snapshot = journal->latestSnapshot(problem).value();
    ASSERT_FALSE(problem.problem()) << describe(*problem.problem());
    if (snapshot) {
      EXPECT_LE(snapshot->through, acknowledged);
      EXPECT_EQ(snapshot->bytes, payloadOf(snapshot->through));
    }
    const auto checkpoint = journal->tables().get("meta", "checkpoint").value();
    if (checkpoint) {
      EXPECT_LE(std::stoull(*checkpoint), acknowledged);
      EXPECT_TRUE(journal->tables().get("rows", *checkpoint).value());
    }
  }

  // Lives until the `nth` point of this life, counted from 1, or its orderly end. Whether it
  // crashed.
  bool liveUntil(std::uint64_t nth) {
    disk->setHook([nth, passed = std::uint64_t{0}](const char* point) mutable {
      if (++passed == nth) throw PowerFailure{point};
    });
    bool crashed = false;
    try {
      const auto opened = open();
      EXPECT_TRUE(opened) << opened.error().message;
      expectWhole();
      live(7);
      EXPECT_TRUE(journal->close());
    } catch (const PowerFailure& crash) {
      crashed = true;
      points.insert(crash.point);
    }
    disk->setHook(nullptr);
    return crashed;
  }

  using TableBatch = journal::TableBatch;

  std::optional<SimulatedDisk> disk{Random(7)};
  std::int64_t now_ms = 0;
  journal::Options options;
  Sequence acknowledged = 0;
  int failures = 0;
  std::set<std::string> points;  // at which it crashed
  std::unique_ptr<journal::Storage> storage;
  std::unique_ptr<Journal> journal;
};

TEST_F(CrashPointsTest, ANewJournalSurvivesEveryPointOfItsLife) {
  std::uint64_t point = 1;
  for (bool crashed = true; crashed; ++point) {
    SCOPED_TRACE("point " + std::to_string(point));
    beginAnew(Random(point));
    crashed = liveUntil(point);
    ASSERT_TRUE(open());
    expectWhole();
    journal.reset();
  }
  EXPECT_GT(point, 100u);
  EXPECT_THAT(points,
              ::testing::IsSupersetOf({"FORMAT: amid its replacement", "HEAD: amid its replacement",
                                       "lock: behind its taking", "log: before its opening",
                                       "log: behind a write, before its sync", "log: behind a sync",
                                       "tables: before their opening", "tables: behind a write",
                                       "tables: behind the begin of a flush"}));
}

TEST_F(CrashPointsTest, AJournalSurvivesThousandsOfCrashesInARow) {
  constexpr int kLives = 3000;
  Random random(20261121);
  int crashes = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int life = 0; life < kLives && !HasFailure(); ++life) {
    crashes += liveUntil(1 + random.below(130));
    if (journal && journal->lastSequence() > 60) {  // histories stay short, and lives many
      beginAnew(random.fork("disk"));
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  RecordProperty("crashes_per_second", static_cast<int>(crashes / took.count()));
  EXPECT_GT(crashes, kLives / 2);
}

TEST_F(CrashPointsTest, DestroyingAnInterruptedJournalReportsFailureAndWritesNothing) {
  ASSERT_TRUE(open());
  append();
  disk->setHook([](const char* point) { throw PowerFailure{point}; });
  EXPECT_THROW(static_cast<void>(journal->commitPending()), PowerFailure);
  append();
  journal.reset();
  EXPECT_EQ(acknowledged, 0u);
  EXPECT_GT(failures, 0);
  EXPECT_EQ(disk->rows(Family::kRecords), 0u);
}

TEST_F(CrashPointsTest, HeadFollowsTheSimulatedClock) {
  ASSERT_TRUE(open());
  append();
  ASSERT_TRUE(journal->commitPending());
  const auto head = disk->read(File::kHead);
  now_ms += 99;
  ASSERT_TRUE(journal->commitPending());
  EXPECT_EQ(disk->read(File::kHead), head);
  now_ms += 1;
  ASSERT_TRUE(journal->commitPending());
  EXPECT_THAT(*disk->read(File::kHead), ::testing::HasSubstr("sequence 1\n"));
}

TEST_F(CrashPointsTest, DamageIsRefusedForWhatItIsAndRepairHelps) {
  ASSERT_TRUE(open());
  live(5);
  ASSERT_TRUE(journal->close());
  const std::string last = journal::encodeSequence(acknowledged);
  const auto opensWith = [this] {
    const auto opened = open();
    disk->repair();
    return opened ? std::optional<Error::Kind>() : opened.error().kind;
  };
  disk->loseTail(2);  // the last is a snapshot
  EXPECT_EQ(opensWith(), Error::Kind::kLostTail);
  disk->flipBit(Family::kRecords, last, 77);
  EXPECT_EQ(opensWith(), Error::Kind::kCorrupt);
  disk->makeUnreadable(Family::kRecords, last);
  EXPECT_EQ(opensWith(), Error::Kind::kCorrupt);
  disk->flipBit(File::kHead, 333);
  EXPECT_EQ(opensWith(), Error::Kind::kCorrupt);
  disk->flipBit(File::kFormat, 333);
  EXPECT_EQ(opensWith(), Error::Kind::kCorrupt);
  disk->remove(File::kFormat);
  EXPECT_EQ(opensWith(), Error::Kind::kLostTail);
  disk->fill();
  EXPECT_EQ(opensWith(), Error::Kind::kDiskFull);
  disk->empty();
  ASSERT_TRUE(open());
  expectWhole();
}

TEST_F(CrashPointsTest, DamageInTheMiddleIsMetByWhoeverReadsIt) {
  ASSERT_TRUE(open());
  live(5);
  ASSERT_TRUE(journal->close());
  disk->flipBit(Family::kRecords, journal::encodeSequence(3), 300);
  disk->remove(Family::kRecords, journal::encodeSequence(5));
  for (const Sequence sequence : {7, 8}) {
    disk->makeUnreadable(Family::kRecords, journal::encodeSequence(sequence));
  }
  disk->flipAnyBit(Family::kSnapshots);
  ASSERT_TRUE(open());
  journal::ListProblems list;
  const auto end = journal->replay(
      1, [](const journal::Record&) { return journal::Scan::kContinue; }, list);
  ASSERT_TRUE(end);
  using Kind = journal::Problem::Kind;
  std::vector<Kind> kinds;
  for (const auto& problem : list.problems) kinds.push_back(problem.kind);
  EXPECT_EQ(kinds, (std::vector<Kind>{Kind::kBadHash, Kind::kMissing, Kind::kUnreadable}));
  EXPECT_EQ(list.problems.back().first, 7u);
  EXPECT_EQ(list.problems.back().last, 8u);
  EXPECT_EQ(end->records, acknowledged - 4);
  EXPECT_TRUE(journal->latestSnapshot(list));
  EXPECT_EQ(list.problems.back().kind, Kind::kDamagedSnapshot);
  disk->repair();
  ASSERT_TRUE(open());
  expectWhole();
}

TEST_F(CrashPointsTest, AFailedSyncOrAFullDiskLosesNothingAcknowledged) {
  for (int round = 0; round < 40; ++round) {
    ASSERT_TRUE(open());
    expectWhole();
    live(1);
    append();
    round % 2 == 0 ? disk->fill() : disk->failNextSync();
    const int failures_before = failures;
    const auto committed = journal->commitPending();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().kind, round % 2 == 0 ? Error::Kind::kDiskFull : Error::Kind::kIo);
    EXPECT_GT(failures, failures_before);
    disk->empty();
    append();
    EXPECT_FALSE(journal->commitPending());
    EXPECT_EQ(journal->durableSequence(), acknowledged);
  }
}

}  // namespace
}  // namespace glaux::simulation
