// `glauxctl journal dump` on journals that the daemon's own functions wrote.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/unit/daemon/ctl/state_directory.h"

namespace glaux::daemon {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class JournalDump : public ::testing::Test {
 protected:
  ProgramRun run(const std::string& arguments = "") {
    return glauxctl("journal dump --state-dir " + directory.path().string() + " " + arguments);
  }

  std::vector<json> dump(const std::string& arguments = "") {
    const ProgramRun ended = run(arguments);
    EXPECT_EQ(ended.exit_code, 0) << ended.errors;
    std::vector<json> records;
    for (const std::string& line : ended.lines) records.push_back(json::parse(line));
    return records;
  }

  std::vector<std::uint64_t> sequences(const std::string& arguments) {
    std::vector<std::uint64_t> numbers;
    for (const json& record : dump(arguments)) numbers.push_back(record["sequence"]);
    return numbers;
  }

  StateDirectory directory;
};

TEST_F(JournalDump, ShowsEveryMemberOfARecord) {
  const core::SessionId session = directory.startSession("first");
  const json record = dump()[1];
  EXPECT_EQ(record["sequence"], 2);
  EXPECT_EQ(record["time"], "2026-11-21T08:00:02.000Z");
  EXPECT_EQ(record["source"], "api");
  EXPECT_EQ(record["principal"], "AKIAEXAMPLE");
  EXPECT_EQ(record["operation"], "StartSession");
  EXPECT_EQ(record["request"], json::parse(R"({"WorkGroup":"primary"})"));
  EXPECT_EQ(record["events"][0]["type"], "SessionStarted");
  EXPECT_EQ(record["events"][0]["session"], toText(session));
  EXPECT_EQ(record["leafHash"], (*directory.journal().read(2))->leaf_hash.hex());
}

TEST_F(JournalDump, ShowsWhyACommandWasRefused) {
  directory.startCalculation(core::SessionId{}, "1+1");
  const json record = dump().back();
  EXPECT_EQ(record["rejection"]["type"], "InvalidRequestException");
  EXPECT_FALSE(record["rejection"]["message"].get<std::string>().empty());
  EXPECT_FALSE(record.contains("events"));
}

TEST_F(JournalDump, FetchesLongRequestsFromTheirBlob) {
  const core::SessionId session = directory.startSession();
  const std::string code(2 * core::kInlineRequestBytesMax, 'x');
  directory.startCalculation(session, code);
  EXPECT_EQ(dump().back()["request"]["CodeBlock"], code);
}

TEST_F(JournalDump, ShowsARequestThatIsNoJsonAsAString) {
  directory.perform(core::TerminateSession{}, "TerminateSession", "{\"half\": \xff");
  EXPECT_EQ(dump().back()["request"], "{\"half\": \uFFFD");
}

TEST_F(JournalDump, ShowsARequestOfAbsurdDepthAsAString) {
  const std::string deep(15'000, '[');
  directory.perform(core::TerminateSession{}, "TerminateSession",
                    deep + std::string(deep.size(), ']').substr(0, 1'000));
  const std::string closed = std::string(5'000, '[') + std::string(5'000, ']');
  directory.perform(core::TerminateSession{}, "TerminateSession", closed);
  EXPECT_EQ(dump().back()["request"], closed);
}

TEST_F(JournalDump, FollowsASessionThroughItsCalculations) {
  const core::SessionId other = directory.startSession("other");                // 2, 3
  const core::SessionId session = directory.startSession("ours");               // 4, 5
  const auto calculation = directory.startCalculation(session, "1+1");          // 6
  const auto foreign = directory.startCalculation(other, "2+2");                // 7
  directory.report(session, {core::report::CalculationFinished{calculation}});  // 8
  directory.stopCalculation(calculation);  // 9: has ended, so nothing but the request names it
  directory.stopCalculation(foreign);      // 10
  directory.startCalculation(core::SessionId{}, "3");  // 11: refused, names another session
  EXPECT_THAT(sequences("--session " + toText(session)), ElementsAre(4, 5, 6, 8, 9));
  EXPECT_THAT(sequences("--from 9 --session " + toText(session)), ElementsAre(9));
  EXPECT_THAT(sequences("--operation StartCalculationExecution --session " + toText(session)),
              ElementsAre(6));
}

TEST_F(JournalDump, ChoosesByTimeOperationAndPlace) {
  directory.startSession();  // 2, 3
  directory.startSession();  // 4, 5
  EXPECT_THAT(sequences("--operation StartSession"), ElementsAre(2, 4));
  EXPECT_THAT(sequences("--since 2026-11-21T08:00:04Z"), ElementsAre(4, 5));
  EXPECT_THAT(sequences("--until 2026-11-21T08:00:03"), ElementsAre(1, 2));
  EXPECT_THAT(sequences("--since 1795248003 --until 1795248005"), ElementsAre(3, 4));
  EXPECT_THAT(sequences("--from 3 --limit 2"), ElementsAre(3, 4));
  EXPECT_THAT(sequences("--from 100"), ElementsAre());
}

TEST_F(JournalDump, ShowsTheOutsideOfRecordsOfUnknownKinds) {
  journal::Draft draft;
  draft.kind = 4711;
  draft.version = 3;
  draft.skippable = true;
  draft.payload = "whatever";
  directory.recordRaw(std::move(draft));
  const json record = dump().back();
  EXPECT_EQ(record["kind"], 4711);
  EXPECT_EQ(record["version"], 3);
  EXPECT_EQ(record["payloadBytes"], 8);
  EXPECT_TRUE(record.contains("unreadable"));
  EXPECT_TRUE(record.contains("leafHash"));
}

TEST_F(JournalDump, WorksOnAClosedJournalAndWritesNothing) {
  directory.startSession();
  directory.close();
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory.path()))
      names.push_back(file.path().string() + " " +
                      std::to_string(file.last_write_time().time_since_epoch().count()));
    std::sort(names.begin(), names.end());
    return names;
  };
  const auto before = files();
  EXPECT_EQ(dump().size(), 3u);
  EXPECT_EQ(files(), before);
}

TEST_F(JournalDump, EndsQuietlyWhenNobodyReadsOn) {
  for (int i = 0; i < 300; ++i)
    directory.startCalculation(core::SessionId{}, std::string(900, 'x'));
  const ProgramRun ended = run("| head -n 1");
  EXPECT_EQ(ended.lines.size(), 1u);
  EXPECT_EQ(ended.errors, "");
}

TEST_F(JournalDump, FailsIfTheOutputCannotBeWritten) {
  const ProgramRun ended = run(">/dev/full");
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.errors, HasSubstr("No space left"));
}

TEST_F(JournalDump, TellsAMissingJournalFromWrongUsage) {
  EXPECT_THAT(glauxctl("journal dump --state-dir /nonexistent").errors, HasSubstr("no journal in"));
  EXPECT_EQ(glauxctl("journal dump --state-dir /nonexistent").exit_code, 2);
  EXPECT_EQ(glauxctl("journal dump").exit_code, 2);
  EXPECT_THAT(run("--since noon").errors, HasSubstr("'noon' is no time"));
  EXPECT_EQ(run("--session s1").exit_code, 2);
  EXPECT_EQ(glauxctl("--version").exit_code, 0);
  EXPECT_EQ(glauxctl("journal dump --help").exit_code, 0);
}

}  // namespace
}  // namespace glaux::daemon
