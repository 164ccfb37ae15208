// What a journal may rely on, whatever it stands on: run against RocksDB and the simulated disk.

#include <gtest/gtest.h>

#include "journal/journal.h"
#include "journal/rocksdb_storage.h"
#include "tests/simulation/simulated_storage.h"
#include "tests/unit/journal/fixture.h"

namespace glaux::simulation {
namespace {

using journal::Access;
using journal::Error;
using journal::LogStore;
using journal::Scan;
using journal::Storage;
using journal::TableBatch;
using Family = LogStore::Family;
using File = Storage::File;

class RocksdbMedium {
 public:
  std::unique_ptr<Storage> storage() {
    return std::make_unique<journal::RocksdbStorage>(directory_.path() / "state", nullptr);
  }

 private:
  journal::TemporaryDirectory directory_;
};

class SimulatedMedium {
 public:
  std::unique_ptr<Storage> storage() { return disk_.mount(); }

 private:
  SimulatedDisk disk_{Random(1)};
};

// A storage that is locked, with an open log and open tables.
template <typename Medium>
class StorageContract : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    storage = medium.storage();
    auto taken = storage->lock();
    ASSERT_TRUE(taken) << taken.error().message;
    lock = std::move(*taken);
    std::optional<std::string> torn_tail, reset;
    auto opened_log = storage->openLog(Access::kReadWrite, &torn_tail);
    ASSERT_TRUE(opened_log) << opened_log.error().message;
    log = std::move(*opened_log);
    auto opened_tables = storage->openTables(Access::kReadWrite, names, &reset);
    ASSERT_TRUE(opened_tables) << opened_tables.error().message;
    tables = std::move(*opened_tables);
    EXPECT_FALSE(torn_tail);
    EXPECT_FALSE(reset);
  }

  void close() {
    tables.reset();
    log.reset();
    lock.reset();
    storage.reset();
  }

  void write(std::initializer_list<std::tuple<Family, std::string, std::string>> rows) {
    auto batch = log->newBatch(100);
    for (const auto& [family, key, value] : rows) batch->put(family, key, value);
    const auto written = log->write(std::move(batch), LogStore::Sync::kNow);
    ASSERT_TRUE(written) << written.error().cause;
  }

  std::string get(Family family, const std::string& key) {
    std::string value = "nothing";
    const auto found = log->get(family, key, [&](std::string_view bytes) { value = bytes; });
    EXPECT_TRUE(found);
    EXPECT_EQ(*found, value != "nothing");
    EXPECT_EQ(log->contains(family, key), *found);
    return value;
  }

  std::string recordsFrom(const std::string& key) {
    std::string seen;
    const auto row = log->records(LogStore::Reading::kOnceThrough);
    for (row->seek(key); row->valid(); row->next()) {
      seen += std::string(row->key()) + "=" + std::string(row->value()) + " ";
    }
    EXPECT_FALSE(row->failure());
    return seen;
  }

  void change(const TableBatch& batch) {
    const auto written = tables->write(batch);
    ASSERT_TRUE(written) << written.error().message;
  }

  std::string rows(const std::string& table, const std::string& prefix, const std::string& after) {
    std::string seen;
    const auto scanned = tables->scan(table, prefix, after, [&](auto key, auto value) {
      seen += std::string(key) + "=" + std::string(value) + " ";
      return key == "stop" ? Scan::kStop : Scan::kContinue;
    });
    EXPECT_TRUE(scanned);
    return seen;
  }

  Medium medium;
  std::vector<std::string> names = {"left", "right"};
  std::unique_ptr<Storage> storage;
  std::unique_ptr<Storage::Lock> lock;
  std::unique_ptr<LogStore> log;
  std::unique_ptr<journal::Tables> tables;
};

using Media = ::testing::Types<RocksdbMedium, SimulatedMedium>;
TYPED_TEST_SUITE(StorageContract, Media);

TYPED_TEST(StorageContract, ABatchIsReadAsWrittenFamilyByFamily) {
  this->write({{Family::kRecords, "k", "record"}, {Family::kBlobs, "k", std::string(9000, 'b')}});
  EXPECT_EQ(this->get(Family::kRecords, "k"), "record");
  EXPECT_EQ(this->get(Family::kBlobs, "k"), std::string(9000, 'b'));
  EXPECT_EQ(this->get(Family::kSnapshots, "k"), "nothing");
}

TYPED_TEST(StorageContract, TheLastValueOfAKeyCounts) {
  this->write({{Family::kSnapshots, "0", "first"}, {Family::kSnapshots, "0", "second"}});
  EXPECT_EQ(this->get(Family::kSnapshots, "0"), "second");
  this->write({{Family::kSnapshots, "0", "third"}});
  EXPECT_EQ(this->get(Family::kSnapshots, "0"), "third");
}

TYPED_TEST(StorageContract, RecordsComeInTheOrderOfTheirKeysAndAreSought) {
  this->write({{Family::kRecords, "b", "2"}, {Family::kRecords, "a", "1"}});
  this->write({{Family::kRecords, "d", "4"}, {Family::kBlobs, "c", "no record"}});
  EXPECT_EQ(this->recordsFrom(""), "a=1 b=2 d=4 ");
  EXPECT_EQ(this->recordsFrom("b"), "b=2 d=4 ");
  EXPECT_EQ(this->recordsFrom("c"), "d=4 ");
  EXPECT_EQ(this->recordsFrom("e"), "");
  const auto row = this->log->records(LogStore::Reading::kOneRow);
  row->seekToLast();
  ASSERT_TRUE(row->valid());
  EXPECT_EQ(row->key(), "d");
}

TYPED_TEST(StorageContract, AnEmptyLogHasNoLastRecord) {
  const auto row = this->log->records(LogStore::Reading::kOneRow);
  row->seekToLast();
  EXPECT_FALSE(row->valid());
  EXPECT_FALSE(row->failure());
}

TYPED_TEST(StorageContract, WhatIsWrittenIsThereAfterAnOrderlyEnd) {
  EXPECT_EQ(this->storage->logPresence(), Storage::LogPresence::kPresent);
  this->write({{Family::kRecords, "a", "1"}});
  TableBatch batch;
  batch.put("left", "k", "v");
  this->change(batch);
  this->close();
  this->open();
  EXPECT_EQ(this->get(Family::kRecords, "a"), "1");
  EXPECT_EQ(this->rows("left", "", ""), "k=v ");
}

TYPED_TEST(StorageContract, FilesAreReplacedAsAWhole) {
  for (const File file : {File::kFormat, File::kHead}) {
    EXPECT_EQ(this->storage->readFile(file).value(), std::nullopt);
    ASSERT_TRUE(this->storage->replaceFile(file, "a long first content"));
    ASSERT_TRUE(this->storage->replaceFile(file, "short"));
    EXPECT_EQ(this->storage->readFile(file).value(), "short");
  }
  this->close();
  this->open();
  EXPECT_EQ(this->storage->readFile(File::kHead).value(), "short");
}

TYPED_TEST(StorageContract, ThereIsOneLock) {
  const auto second = this->storage->lock();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Error::Kind::kLocked);
  this->lock.reset();
  EXPECT_TRUE(this->storage->lock());
}

TYPED_TEST(StorageContract, TableChangesApplyInOrder) {
  TableBatch batch;
  batch.put("left", "early", "1");
  batch.put("right", "kept", "1");
  this->change(batch);
  batch.reset();
  batch.put("left", "early too", "1");
  batch.clear("left");
  batch.put("left", "new", "1");
  batch.put("left", "new", "2");
  batch.put("left", "brief", "1");
  batch.erase("left", "brief");
  batch.erase("left", "never there");
  this->change(batch);
  EXPECT_EQ(this->rows("left", "", ""), "new=2 ");
  EXPECT_EQ(this->rows("right", "", ""), "kept=1 ");
  EXPECT_EQ(this->tables->get("left", "new").value(), "2");
  EXPECT_EQ(this->tables->get("left", "early").value(), std::nullopt);
}

TYPED_TEST(StorageContract, AScanIsOfAPrefixBehindAKeyAndStopsWhenTold) {
  TableBatch batch;
  for (const char* key : {"a1", "b1", "b2", "b3", "c1", "stop", "x"}) batch.put("left", key, "");
  this->change(batch);
  EXPECT_EQ(this->rows("left", "b", ""), "b1= b2= b3= ");
  EXPECT_EQ(this->rows("left", "b", "b1"), "b2= b3= ");
  EXPECT_EQ(this->rows("left", "b", "b11"), "b2= b3= ");
  EXPECT_EQ(this->rows("left", "b", "a"), "b1= b2= b3= ");
  EXPECT_EQ(this->rows("left", "b", "b3"), "");
  EXPECT_EQ(this->rows("left", "", "b3"), "c1= stop= ");
  EXPECT_EQ(this->rows("left", "d", ""), "");
}

TYPED_TEST(StorageContract, ATableNoLongerNamedIsDropped) {
  TableBatch batch;
  batch.put("left", "k", "v");
  batch.put("right", "k", "v");
  this->change(batch);
  this->close();
  this->names = {"right"};
  this->open();
  this->close();
  this->names = {"left", "right"};
  this->open();
  EXPECT_EQ(this->rows("left", "", ""), "");
  EXPECT_EQ(this->rows("right", "", ""), "k=v ");
}

TYPED_TEST(StorageContract, ALogWithoutItsFormatIsNotCreatedOver) {
  this->lock.reset();
  journal::Options options;
  options.storage = this->storage.get();
  const auto opened = journal::Journal::open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Error::Kind::kCorrupt);
}

TYPED_TEST(StorageContract, AJournalLivesOnIt) {
  TypeParam fresh;
  const auto of_fresh = fresh.storage();
  journal::Options options;
  options.storage = of_fresh.get();
  options.commit = journal::Commit::kManual;
  options.new_journal_id = {1};
  for (journal::Sequence life = 1; life <= 3; ++life) {
    auto opened = journal::Journal::open(options);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->openReport().head_sequence, life - 1);
    (*opened)->append(journal::draft("payload"));
    (*opened)->writeSnapshot(life, 1, "state");
    ASSERT_TRUE((*opened)->commitPending());
    ASSERT_TRUE((*opened)->close());
  }
}

}  // namespace
}  // namespace glaux::simulation
