// `glauxctl journal verify` on journals that the daemon's own functions wrote, whole and damaged.

#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include <atomic>
#include <fstream>
#include <regex>
#include <thread>

#include "tests/unit/daemon/ctl/state_directory.h"

namespace glaux::daemon {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class JournalVerify : public ::testing::Test {
 protected:
  // A session with a finished calculation and a running one, whose code lies in a blob.
  void fill() {
    session = directory.startSession();                                     // 2, 3
    const auto first = directory.startCalculation(session, "1+1");          // 4
    directory.report(session, {core::report::CalculationFinished{first}});  // 5
    directory.writeSnapshot(directory.state());
    long_code = std::string(2 * core::kInlineRequestBytesMax, 'x');
    calculation = directory.startCalculation(session, long_code);  // 6
  }

  ProgramRun verify() {
    return glauxctl("journal verify --state-dir " + directory.path().string());
  }

  // The lines before the summary, which has to count them.
  std::vector<std::string> problems() {
    ProgramRun run = verify();
    EXPECT_FALSE(run.lines.empty()) << run.errors;
    if (run.lines.empty()) return {};
    const std::string summary = run.lines.back();
    run.lines.pop_back();
    std::erase_if(run.lines, [](const std::string& line) { return line.starts_with("remark: "); });
    EXPECT_THAT(summary, HasSubstr(" " + std::to_string(run.lines.size()) + " problem"));
    EXPECT_EQ(run.exit_code, run.lines.empty() ? 0 : 1);
    return run.lines;
  }

  std::string onlyProblem() {
    const auto all = problems();
    EXPECT_EQ(all.size(), 1u) << ::testing::PrintToString(all);
    return all.empty() ? "" : all.front();
  }

  static std::string keyOfRecord(std::uint64_t sequence) {
    return journal::encodeSequence(sequence);
  }

  StateDirectory directory;
  core::SessionId session;
  core::CalculationId calculation;
  std::string long_code;
};

TEST_F(JournalVerify, FindsNothingInAStoppedDaemonsDirectory) {
  fill();
  directory.close();
  const ProgramRun run = verify();
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  ASSERT_EQ(run.lines.size(), 1u) << ::testing::PrintToString(run.lines);
  EXPECT_TRUE(std::regex_match(run.lines[0], std::regex("6 sound records, 0 problems, [0-9.]+ s")))
      << run.lines[0];
  EXPECT_EQ(run.errors, "");
}

TEST_F(JournalVerify, ComparesTheViewsOfARunningDaemonAsFarAsTheyAreOnDisk) {
  fill();
  EXPECT_THAT(problems(), ::testing::IsEmpty());  // nothing flushed yet
  ASSERT_TRUE(directory.journal().tables().flush());
  directory.startSession();
  EXPECT_THAT(problems(), ::testing::IsEmpty());
}

TEST_F(JournalVerify, FindsNothingWhileADaemonWrites) {
  std::atomic<bool> is_over = false;
  std::thread daemon([&] {
    for (int round = 1; round <= 100; ++round) {
      const auto started = directory.startSession();
      directory.startCalculation(started, "1+1");
      directory.perform(core::RecordExecutorGone{started, "gone"}, "RecordExecutorGone", "");
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (round % 20 != 0) continue;
      EXPECT_TRUE(directory.journal().tables().flush());
      directory.writeSnapshot(directory.state());
    }
    is_over = true;
  });
  while (!is_over) EXPECT_THAT(problems(), ::testing::IsEmpty());
  daemon.join();
  EXPECT_EQ(directory.state().ended_sessions.size(), 100u);
}

TEST_F(JournalVerify, FindsNothingInANewDirectory) {
  EXPECT_THAT(problems(), ::testing::IsEmpty());
  directory.close();
  EXPECT_THAT(problems(), ::testing::IsEmpty());
}

TEST_F(JournalVerify, DoesNotMissViewsThatAreNotThere) {
  fill();
  directory.close();
  std::filesystem::remove_all(directory.path() / "tables");
  const ProgramRun run = verify();
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.lines.front(), StartsWith("remark: there are no views"));
}

TEST_F(JournalVerify, NamesARecordWithAChangedByte) {
  fill();
  directory.tamperWithLog([](rocksdb::DB& db, const auto&) {
    std::string value;
    ASSERT_TRUE(db.Get({}, keyOfRecord(4), &value).ok());
    value[value.size() / 2] ^= 1;
    ASSERT_TRUE(db.Put({}, keyOfRecord(4), value).ok());
  });
  EXPECT_THAT(onlyProblem(), AllOf(StartsWith("record 4: "), HasSubstr("leaf hash"),
                                   HasSubstr("restore the journal from a backup")));
}

TEST_F(JournalVerify, NamesAMissingRecord) {
  fill();
  directory.tamperWithLog(
      [](rocksdb::DB& db, const auto&) { ASSERT_TRUE(db.Delete({}, keyOfRecord(3)).ok()); });
  EXPECT_THAT(onlyProblem(), AllOf(StartsWith("record 3: "), HasSubstr("missing")));
}

TEST_F(JournalVerify, ListsAllDamagedRecords) {
  fill();
  directory.tamperWithLog([](rocksdb::DB& db, const auto&) {
    ASSERT_TRUE(db.Put({}, keyOfRecord(2), "short").ok());
    ASSERT_TRUE(db.Delete({}, keyOfRecord(4)).ok());
  });
  const auto all = problems();
  ASSERT_EQ(all.size(), 2u) << ::testing::PrintToString(all);
  EXPECT_THAT(all[0], StartsWith("record 2: "));
  EXPECT_THAT(all[1], StartsWith("record 4: "));
}

TEST_F(JournalVerify, NoticesThatTheLastRecordIsGone) {
  fill();
  directory.tamperWithLog(
      [](rocksdb::DB& db, const auto&) { ASSERT_TRUE(db.Delete({}, keyOfRecord(6)).ok()); });
  const auto all = problems();
  ASSERT_EQ(all.size(), 2u) << ::testing::PrintToString(all);
  EXPECT_THAT(all[0], AllOf(StartsWith("HEAD: "), HasSubstr("vouches for record 6")));
  EXPECT_THAT(all[1], AllOf(StartsWith("views: "), HasSubstr("through 6")));
}

TEST_F(JournalVerify, NamesARecordWhosePayloadCannotBeRead) {
  fill();
  journal::Draft draft;
  draft.kind = core::kRecordKind;
  draft.version = core::kRecordVersion;
  draft.payload = "not an event in sight";
  directory.recordRaw(std::move(draft));
  EXPECT_THAT(onlyProblem(), AllOf(StartsWith("record 7: "), HasSubstr("cannot be decoded")));
}

TEST_F(JournalVerify, NamesTheRecordThatContradictsTheOthers) {
  fill();
  const core::SessionId ghost{{9, 9, 9}};
  directory.recordOnly({core::SessionBecameBusy{ghost}});  // 7
  directory.startSession();
  const auto all = problems();
  ASSERT_FALSE(all.empty());
  EXPECT_THAT(all[0], AllOf(StartsWith("record 7: contradicts"), HasSubstr("checking the state")));
}

TEST_F(JournalVerify, NamesAWrongViewRow) {
  fill();
  journal::TableBatch batch;
  const std::string key(session.bytes.begin(), session.bytes.end());
  const auto row = directory.journal().tables().get("sessions", key);
  ASSERT_TRUE(row && *row);
  batch.put("sessions", key, **row + " ");
  ASSERT_TRUE(directory.journal().tables().write(batch));
  directory.close();
  EXPECT_THAT(onlyProblem(), AllOf(StartsWith("view sessions, row " + toText(session) + ": "),
                                   HasSubstr("is not what the records give"), HasSubstr("remove")));
}

TEST_F(JournalVerify, NamesViewRowsOfViewsWithoutACheckpoint) {
  journal::TableBatch batch;
  batch.erase("views", "checkpoint");
  ASSERT_TRUE(directory.journal().tables().write(batch));
  directory.close();
  EXPECT_THAT(onlyProblem(), StartsWith("view work_groups, row primary: is in no record"));
}

TEST_F(JournalVerify, NamesViewRowsThatAreMissingOrTooMany) {
  fill();
  journal::TableBatch batch;
  batch.erase("calculations", std::string(calculation.bytes.begin(), calculation.bytes.end()));
  batch.put("work_groups", "ghosts", "row");
  ASSERT_TRUE(directory.journal().tables().write(batch));
  directory.close();
  const auto all = problems();
  ASSERT_EQ(all.size(), 2u) << ::testing::PrintToString(all);
  EXPECT_THAT(all[0], StartsWith("view calculations, row " + toText(calculation) + ": is missing"));
  EXPECT_THAT(all[1], StartsWith("view work_groups, row ghosts: is in no record"));
}

TEST_F(JournalVerify, NamesASnapshotThatIsNotTheState) {
  fill();
  core::State wrong = directory.state();
  wrong.ended_sessions.emplace(core::SessionId{}, api::SessionState::kFailed);
  directory.writeSnapshot(wrong);
  directory.close();
  EXPECT_THAT(onlyProblem(),
              AllOf(StartsWith("snapshot through record 6: "), HasSubstr("(ended sessions)")));
}

TEST_F(JournalVerify, NamesADamagedSnapshot) {
  fill();
  directory.tamperWithLog([](rocksdb::DB& db, const auto& families) {
    for (auto* family : families) {
      if (family->GetName() != "snapshots") continue;
      ASSERT_TRUE(db.Put({}, family, "0", "rubbish").ok());
    }
  });
  EXPECT_THAT(onlyProblem(), AllOf(StartsWith("snapshot "), HasSubstr("damaged")));
}

TEST_F(JournalVerify, NamesTheRecordWhoseBlobIsMissing) {
  fill();
  directory.tamperWithLog([](rocksdb::DB& db, const auto& families) {
    for (auto* family : families) {
      if (family->GetName() != "blobs") continue;
      const std::unique_ptr<rocksdb::Iterator> row(db.NewIterator({}, family));
      row->SeekToFirst();
      ASSERT_TRUE(row->Valid());
      ASSERT_TRUE(db.Delete({}, family, row->key()).ok());
    }
  });
  EXPECT_THAT(onlyProblem(),
              AllOf(StartsWith("record 6: "), HasSubstr("blob"), HasSubstr("is missing")));
}

TEST_F(JournalVerify, NamesTheRecordWhoseBlobIsChanged) {
  fill();
  directory.tamperWithLog([](rocksdb::DB& db, const auto& families) {
    for (auto* family : families) {
      if (family->GetName() != "blobs") continue;
      const std::unique_ptr<rocksdb::Iterator> row(db.NewIterator({}, family));
      row->SeekToFirst();
      ASSERT_TRUE(row->Valid());
      ASSERT_TRUE(db.Put({}, family, row->key(), "other code").ok());
    }
  });
  EXPECT_THAT(onlyProblem(), AllOf(StartsWith("record 6: "), HasSubstr("damaged")));
}

TEST_F(JournalVerify, RefusesWhatANewerVersionWrote) {
  fill();
  directory.close();
  std::ofstream(directory.path() / "journal" / "FORMAT") << "format 99\nsomething new\n";
  const ProgramRun run = verify();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.errors, HasSubstr("format"));
}

TEST_F(JournalVerify, LeavesNothingBehind) {
  fill();
  directory.recordOnly({core::SessionBecameBusy{}});  // the check of the state breaks off
  directory.close();
  const auto scratch = directory.path() / "scratch";
  std::filesystem::create_directory(scratch);
  ASSERT_EQ(::setenv("TMPDIR", scratch.c_str(), 1), 0);
  EXPECT_EQ(verify().exit_code, 1);
  ::unsetenv("TMPDIR");
  EXPECT_TRUE(std::filesystem::is_empty(scratch));
}

}  // namespace
}  // namespace glaux::daemon
