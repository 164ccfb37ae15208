// What opening and replaying make of a journal whose files are not what they were.

#include <gmock/gmock.h>

#include "journal/database.h"
#include "journal/identity.h"
#include "tests/unit/journal/fixture.h"

namespace glaux::journal {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DamageTest : public JournalTest {
 protected:
  // Changes a byte of a file, `offset` bytes from its begin, or from its end if negative.
  void flip(const std::filesystem::path& path, std::ptrdiff_t offset) {
    std::string content = readAll(path);
    ASSERT_LT(static_cast<std::size_t>(std::abs(offset)), content.size());
    const std::size_t at =
        offset < 0 ? content.size() - static_cast<std::size_t>(-offset) : std::size_t(offset);
    content[at] = static_cast<char>(content[at] ^ 0x40);
    writeAll(path, content);
  }

  void cut(const std::filesystem::path& path, std::uintmax_t bytes) {
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - bytes);
  }

  // A closed journal whose records are all in the write-ahead log.
  std::filesystem::path journalInWal(Sequence records) {
    open();
    for (Sequence i = 1; i <= records; ++i) fill(i);  // one batch each
    close();
    return logFiles(".log").back();
  }

  // A closed journal of incompressible records, several blocks of them in table files.
  std::filesystem::path journalInTableFile(Sequence records) {
    open();
    for (Sequence i = 1; i <= records; ++i) {
      std::string payload;
      while (payload.size() < 1000) payload += sha256(payload + std::to_string(i)).view();
      append(payload);
    }
    commit();
    reopen();  // recovery moves the WAL into a table file
    close();
    return logFiles(".sst").front();
  }
};

TEST_F(DamageTest, TornTailIsDroppedAndReported) {
  options.head_interval = std::chrono::hours(1);
  const auto wal = journalInWal(10);
  std::filesystem::remove(options.directory / "HEAD");  // as if record 10 was never acknowledged
  cut(wal, 5);
  open();
  EXPECT_EQ(journal->lastSequence(), 9u);
  ASSERT_TRUE(journal->openReport().torn_tail);
  EXPECT_THAT(*journal->openReport().torn_tail, HasSubstr(wal.filename().string()));
  EXPECT_EQ(payloads().size(), 9u);
  EXPECT_EQ(append("again"), 10u);
  commit();
  reopen();
  EXPECT_EQ(journal->openReport().torn_tail, std::nullopt);
  EXPECT_EQ(payloads().back(), "again");
}

TEST_F(DamageTest, EveryTornTailKeepsTheRecordsBeforeIt) {
  const auto wal = journalInWal(3);
  const std::string whole = readAll(wal);
  const auto pristine = directory.path() / "pristine";
  std::filesystem::copy(options.directory, pristine, std::filesystem::copy_options::recursive);
  std::size_t last = 3;
  for (std::size_t size = whole.size(); size > 0; size -= std::min<std::size_t>(size, 7)) {
    std::filesystem::remove_all(options.directory);
    std::filesystem::copy(pristine, options.directory, std::filesystem::copy_options::recursive);
    std::filesystem::remove(options.directory / "HEAD");
    writeAll(wal, whole.substr(0, size));
    open();
    const std::size_t kept = payloads().size();
    EXPECT_LE(kept, last) << size;
    last = kept;
    close();
  }
  EXPECT_EQ(last, 0u);
}

TEST_F(DamageTest, ADamagedMiddleOfTheWalIsCorruptAndNamesTheFile) {
  const auto wal = journalInWal(50);
  flip(wal, static_cast<std::ptrdiff_t>(std::filesystem::file_size(wal) / 2));
  const Error error = openFails();
  EXPECT_EQ(error.kind, Error::Kind::kCorrupt);
  EXPECT_THAT(error.message, AllOf(HasSubstr(wal.filename().string()), HasSubstr("checksum")));
}

TEST_F(DamageTest, AMissingWalIsALostTail) {
  const auto wal = journalInWal(50);
  std::filesystem::remove(wal);
  const Error error = openFails();
  EXPECT_EQ(error.kind, Error::Kind::kLostTail);
  EXPECT_THAT(error.message, AllOf(HasSubstr("record 50"), HasSubstr("record 0")));
}

TEST_F(DamageTest, AnOlderCopyOfTheJournalIsALostTail) {
  open();
  fill(90);
  close();
  const auto copy = directory.path() / "copy";
  std::filesystem::copy(logDirectory(), copy, std::filesystem::copy_options::recursive);
  open();
  fill(100);
  close();
  std::filesystem::remove_all(logDirectory());
  std::filesystem::rename(copy, logDirectory());

  const Error error = openFails();
  EXPECT_EQ(error.kind, Error::Kind::kLostTail);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("record 100"), HasSubstr("record 90"), HasSubstr("remove HEAD")));

  options.access = Access::kReadOnly;  // may still look
  open();
  ASSERT_TRUE(journal->openReport().lost_tail);
  EXPECT_EQ(payloads().size(), 90u);
  close();

  options.access = Access::kReadWrite;  // accepts the loss
  std::filesystem::remove(options.directory / "HEAD");
  open();
  EXPECT_TRUE(journal->openReport().head_missing);
  EXPECT_EQ(append("after the loss"), 91u);
}

TEST_F(DamageTest, AnotherHistoryOfTheSameLengthIsALostTail) {
  open();
  fill(3);
  close();
  writeAll(options.directory / "HEAD", encodeHead({JournalId{1, 2, 3}, 3, sha256("else")}));
  EXPECT_EQ(openFails().kind, Error::Kind::kLostTail);
}

TEST_F(DamageTest, AJournalThatIsGoneIsALostTail) {
  open();
  fill(3);
  close();
  std::filesystem::remove_all(logDirectory());
  EXPECT_EQ(openFails().kind, Error::Kind::kLostTail);
  EXPECT_FALSE(std::filesystem::exists(logDirectory()));
}

TEST_F(DamageTest, ADatabaseWithoutItsRootIsNotCreatedOver) {
  const auto table_file = journalInTableFile(100);
  std::filesystem::remove(options.directory / "HEAD");
  std::filesystem::remove(logDirectory() / "CURRENT");
  const Error error = openFails();
  EXPECT_EQ(error.kind, Error::Kind::kCorrupt);
  EXPECT_THAT(error.message, HasSubstr("CURRENT"));
  EXPECT_TRUE(std::filesystem::exists(table_file));
}

TEST_F(DamageTest, ADamagedHeadIsNamedWithTheWayOut) {
  open();
  fill(3);
  close();
  flip(options.directory / "HEAD", 40);
  const Error error = openFails();
  EXPECT_EQ(error.kind, Error::Kind::kCorrupt);
  EXPECT_THAT(error.message, AllOf(HasSubstr("HEAD"), HasSubstr("remove it")));
}

TEST_F(DamageTest, ADamagedBlockOfATableFileIsReportedAndSteppedOver) {
  const auto table_file = journalInTableFile(200);
  flip(table_file, 50'000);
  open();
  ListProblems list;
  Sequence visited = 0;
  const auto end = journal->replay(
      1,
      [&](const Record&) {
        ++visited;
        return Scan::kContinue;
      },
      list);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->reason, ReplayEnd::Reason::kEndOfJournal);
  ASSERT_EQ(list.problems.size(), 1u) << describe(list.problems.back());
  const Problem& problem = list.problems[0];
  EXPECT_EQ(problem.kind, Problem::Kind::kUnreadable);
  EXPECT_THAT(problem.detail, HasSubstr(table_file.filename().string()));
  EXPECT_EQ(visited, 200 - (problem.last - problem.first + 1));
  EXPECT_LT(problem.last - problem.first, 30u) << "one block, not the file";

  const auto record = journal->read(problem.first);
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().kind, Error::Kind::kCorrupt);

  StopAtFirstProblem stop;
  const auto stopped = journal->replay(
      1, [](const Record&) { return Scan::kContinue; }, stop);
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->reason, ReplayEnd::Reason::kReporter);
  EXPECT_EQ(stopped->next, problem.first);
}

// Damage that RocksDB's checksums do not cover, because it was written that way.
class ForgeryTest : public DamageTest {
 protected:
  void forge(Sequence sequence, std::optional<std::string> value) {
    close();
    std::optional<std::string> torn_tail;
    auto log = openLog({logDirectory(), Access::kReadWrite, nullptr}, &torn_tail);
    ASSERT_TRUE(log) << log.error().message;
    rocksdb::DB& db = (*log)->db();
    const std::string key = encodeSequence(sequence);
    const rocksdb::Status status = value ? db.Put(rocksdb::WriteOptions(), key, *value)
                                         : db.Delete(rocksdb::WriteOptions(), key);
    ASSERT_TRUE(status.ok());
    log->reset();
    open();
  }

  std::vector<Problem> problems() {
    ListProblems list;
    const auto end = journal->replay(
        1, [](const Record&) { return Scan::kContinue; }, list);
    EXPECT_TRUE(end);
    return list.problems;
  }
};

TEST_F(ForgeryTest, AMissingRecordIsReported) {
  open();
  fill(10);
  forge(4, std::nullopt);
  forge(5, std::nullopt);
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_EQ(problems()[0].kind, Problem::Kind::kMissing);
  EXPECT_EQ(problems()[0].first, 4u);
  EXPECT_EQ(problems()[0].last, 5u);
  EXPECT_EQ(describe(problems()[0]), "records 4 to 5: missing");
}

TEST_F(ForgeryTest, AChangedRecordIsReported) {
  open();
  fill(10);
  std::string value;
  encodeRecord(4, draft("forged"), &value);
  value[kRecordHeaderBytes] = 'F';
  forge(4, value);
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_EQ(problems()[0].kind, Problem::Kind::kBadHash);
  EXPECT_EQ(problems()[0].first, 4u);
}

TEST_F(ForgeryTest, ARecordMovedToAnotherPlaceIsReported) {
  open();
  fill(10);
  std::string value;
  encodeRecord(5, draft("5"), &value);
  forge(4, value);
  ASSERT_EQ(problems().size(), 1u);
  EXPECT_EQ(problems()[0].kind, Problem::Kind::kBadHash);
}

TEST_F(ForgeryTest, ARecordOfANewerFormatIsReportedAsSuch) {
  open();
  fill(10);
  forge(4, "\x02from the future");
  forge(6, "");
  const auto found = problems();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].kind, Problem::Kind::kNewerFormat);
  EXPECT_EQ(found[1].kind, Problem::Kind::kUndecodable);
}

TEST_F(ForgeryTest, ABlobThatDoesNotHaveItsDigestIsCorrupt) {
  open();
  const Blob blob = makeBlob("content");
  Draft with_blob = draft("see blob");
  with_blob.blobs = {blob};
  journal->append(with_blob);
  commit();
  close();
  std::optional<std::string> torn_tail;
  auto log = openLog({logDirectory(), Access::kReadWrite, nullptr}, &torn_tail);
  ASSERT_TRUE(log);
  ASSERT_TRUE((*log)
                  ->db()
                  .Put(rocksdb::WriteOptions(), (*log)->family(kBlobsFamily),
                       std::string(blob.digest.view()), "forged")
                  .ok());
  log->reset();
  open();
  const auto read = journal->readBlob(blob.digest);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, Error::Kind::kCorrupt);
  EXPECT_THAT(read.error().message, HasSubstr(blob.digest.hex()));
}

}  // namespace
}  // namespace glaux::journal
