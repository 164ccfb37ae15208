#include "journal/tables.h"

#include "tests/unit/journal/fixture.h"

namespace glaux::journal {
namespace {

class TablesTest : public JournalTest {
 protected:
  TablesTest() { options.tables = {"sessions", "meta"}; }

  void write(const TableBatch& batch) {
    const auto written = journal->tables().write(batch);
    ASSERT_TRUE(written) << written.error().message;
  }

  void put(std::string_view table, std::string_view key, std::string_view value) {
    TableBatch batch;
    batch.put(table, key, value);
    write(batch);
  }

  std::optional<std::string> get(std::string_view table, std::string_view key) {
    auto value = journal->tables().get(table, key);
    EXPECT_TRUE(value) << value.error().message;
    return std::move(*value);
  }

  std::string keys(std::string_view table, std::string_view prefix, std::string_view after,
                   std::size_t limit = 1000) {
    std::string joined;
    const auto scanned =
        journal->tables().scan(table, prefix, after, [&](std::string_view key, std::string_view) {
          joined += std::string(key) + " ";
          return --limit == 0 ? Scan::kStop : Scan::kContinue;
        });
    EXPECT_TRUE(scanned) << scanned.error().message;
    return joined;
  }
};

TEST_F(TablesTest, AWriteIsReadBackAtOnceAndFromItsOwnTableOnly) {
  open();
  put("sessions", "k", "v");
  EXPECT_EQ(get("sessions", "k"), "v");
  EXPECT_EQ(get("meta", "k"), std::nullopt);
}

TEST_F(TablesTest, AScanVisitsKeysOfAPrefixBehindAKey) {
  open();
  for (const char* key : {"a1", "b1", "b2", "b3", "c1"}) put("sessions", key, "");
  EXPECT_EQ(keys("sessions", "", ""), "a1 b1 b2 b3 c1 ");
  EXPECT_EQ(keys("sessions", "b", ""), "b1 b2 b3 ");
  EXPECT_EQ(keys("sessions", "b", "b1"), "b2 b3 ");
  EXPECT_EQ(keys("sessions", "b", "b11"), "b2 b3 ");
  EXPECT_EQ(keys("sessions", "b", "a"), "b1 b2 b3 ");
  EXPECT_EQ(keys("sessions", "b", "b3"), "");
  EXPECT_EQ(keys("sessions", "b", "", 2), "b1 b2 ");
  EXPECT_EQ(keys("sessions", "d", ""), "");
  EXPECT_EQ(keys("sessions", {}, {}), "a1 b1 b2 b3 c1 ");  // null data() breaks RocksDB's memcmp()
}

TEST_F(TablesTest, ChangesOfABatchApplyInOrder) {
  open();
  put("sessions", "old", "1");
  put("meta", "kept", "1");
  TableBatch batch;
  batch.put("sessions", "zz early", "1");
  batch.clear("sessions");
  batch.put("sessions", "new", "1");
  batch.put("sessions", "brief", "1");
  batch.erase("sessions", "brief");
  write(batch);
  EXPECT_EQ(keys("sessions", "", ""), "new ");
  EXPECT_EQ(keys("meta", "", ""), "kept ");
}

TEST_F(TablesTest, ClearingAnEmptyTableIsHarmless) {
  open();
  TableBatch batch;
  batch.clear("sessions");
  batch.put("sessions", "", "the empty key");
  write(batch);
  EXPECT_EQ(get("sessions", ""), "the empty key");
}

TEST_F(TablesTest, ACleanCloseKeepsThem) {
  open();
  put("sessions", "k", "v");
  reopen();
  EXPECT_EQ(journal->openReport().tables_reset, std::nullopt);
  EXPECT_EQ(get("sessions", "k"), "v");
}

TEST_F(TablesTest, ATableNoLongerNamedIsDropped) {
  open();
  put("sessions", "k", "v");
  put("meta", "k", "v");
  close();
  options.tables = {"meta", "fresh"};
  open();
  EXPECT_EQ(get("meta", "k"), "v");
  EXPECT_EQ(get("fresh", "k"), std::nullopt);
  close();
  options.tables = {"sessions", "meta", "fresh"};
  open();
  EXPECT_EQ(get("sessions", "k"), std::nullopt);
  EXPECT_EQ(get("meta", "k"), "v");
}

TEST_F(TablesTest, DamagedTablesAreBegunAnewAndTheJournalIsUntouched) {
  open();
  fill(3);
  put("sessions", "k", "v");
  close();
  for (const auto& file : std::filesystem::directory_iterator(options.directory / "tables")) {
    if (file.path().filename().string().starts_with("MANIFEST")) writeAll(file.path(), "nonsense");
  }
  open();
  ASSERT_TRUE(journal->openReport().tables_reset);
  EXPECT_NE(journal->openReport().tables_reset->find("tables"), std::string::npos);
  EXPECT_EQ(get("sessions", "k"), std::nullopt);
  put("sessions", "k", "again");
  EXPECT_EQ(payloads().size(), 3u);
}

TEST_F(TablesTest, AReadOnlyJournalSeesWhatReachedTheDisk) {
  open();
  put("sessions", "k", "v");
  close();
  options.access = Access::kReadOnly;
  open();
  EXPECT_EQ(get("sessions", "k"), "v");
}

using TablesDeathTest = TablesTest;

TEST_F(TablesDeathTest, AnUnknownTableEndsTheProcess) {
  open();
  EXPECT_DEATH(get("no such", "k"), "Options::tables");
}

}  // namespace
}  // namespace glaux::journal
