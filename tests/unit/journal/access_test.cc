// Who may open a state directory, when, and what they are told otherwise.

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "journal/identity.h"
#include "tests/unit/journal/fixture.h"

namespace glaux::journal {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class AccessTest : public JournalTest {
 protected:
  // Every file below the state directory with its content.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& file : std::filesystem::recursive_directory_iterator(options.directory)) {
      if (file.is_regular_file()) contents[file.path()] = readAll(file.path());
    }
    return contents;
  }

  // Runs `body` in a child process, whose exit status it returns.
  template <typename Body>
  int inChild(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

TEST_F(AccessTest, ASecondWriterIsRefusedAndToldWhoTheFirstIs) {
  open();
  const Error error = openFails();
  EXPECT_EQ(error.kind, Error::Kind::kLocked);
  EXPECT_THAT(error.message, AllOf(HasSubstr(options.directory.string()),
                                   HasSubstr("unit_journal, pid " + std::to_string(::getpid())),
                                   HasSubstr("since 20")));
  close();
  open();
}

TEST_F(AccessTest, AStaleLockFileLocksNothing) {
  open();
  close();
  writeAll(options.directory / "LOCK", "glauxd, pid 1, since 2001-01-01T00:00:00Z\n");
  open();
}

TEST_F(AccessTest, AReaderBesideAWriterSeesItsRecordsAndWritesNothing) {
  open();
  fill(100);
  const auto before = contents();

  Options reading = options;
  reading.access = Access::kReadOnly;
  reading.on_durable = nullptr;
  auto reader = Journal::open(reading);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ((*reader)->lastSequence(), 100u);
  EXPECT_EQ((*(*reader)->read(100))->payload, "100");
  EXPECT_EQ(contents(), before);

  fill(200);  // the writer is not disturbed, the reader does not move
  EXPECT_EQ((*reader)->lastSequence(), 100u);
  ListProblems problems;
  const auto end = (*reader)->replay(
      1, [](const Record&) { return Scan::kContinue; }, problems);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->records, 100u);
  EXPECT_TRUE(problems.problems.empty());
}

TEST_F(AccessTest, ReadersComeAndGoWhileAWriterFlushesAndCompacts) {
  options.commit = Commit::kWriterThread;
  options.on_durable = nullptr;
  open();
  Options reading = options;
  reading.access = Access::kReadOnly;
  Sequence seen = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 40; ++i) append(std::string(50'000, static_cast<char>('a' + i)));
    auto reader = Journal::open(reading);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_GE((*reader)->lastSequence(), seen);
    seen = (*reader)->lastSequence();
    StopAtFirstProblem problem;
    const auto end = (*reader)->replay(
        1, [](const Record&) { return Scan::kContinue; }, problem);
    ASSERT_TRUE(end) << end.error().message;
    EXPECT_EQ(end->records, seen);
  }
}

TEST_F(AccessTest, ReadOnlyAccessCreatesNothing) {
  options.access = Access::kReadOnly;
  EXPECT_EQ(openFails().kind, Error::Kind::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(options.directory));
}

TEST_F(AccessTest, ADirectoryThatCannotBeWrittenIsNamedWithItsMode) {
  std::filesystem::create_directory(options.directory);
  ::chmod(options.directory.c_str(), 0555);
  ::chmod(directory.path().c_str(), 0755);
  const int exit_status = inChild([&] {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) return 1;
    const auto opened = Journal::open(options);
    if (opened || opened.error().kind != Error::Kind::kReadOnlyDirectory) return 2;
    const std::string& message = opened.error().message;
    if (message.find(options.directory.string()) == std::string::npos) return 3;
    if (message.find("mode 0555") == std::string::npos) return 4;
    return 0;
  });
  EXPECT_EQ(exit_status, 0);
  ::chmod(options.directory.c_str(), 0755);
}

TEST_F(AccessTest, TheStateIsForItsOwnerOnly) {
  open();
  const auto mode = [](const std::filesystem::path& path) {
    return std::filesystem::status(path).permissions() & std::filesystem::perms::all;
  };
  EXPECT_EQ(mode(options.directory), std::filesystem::perms::owner_all);
  EXPECT_EQ(mode(logDirectory()), std::filesystem::perms::owner_all);
}

TEST_F(AccessTest, ANewerJournalIsRefusedAndNotTouched) {
  open();
  fill(3);
  close();
  writeAll(logDirectory() / "FORMAT", "format 2\nwhatever came then\n");
  const auto before = contents();
  const Error error = openFails();
  EXPECT_EQ(error.kind, Error::Kind::kNewerFormat);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("newer glaux"), HasSubstr("format 2"), HasSubstr("up to 1")));
  auto after = contents();
  for (auto* files : {&after, const_cast<std::map<std::string, std::string>*>(&before)}) {
    files->erase(options.directory / "LOCK");  // our own
  }
  EXPECT_EQ(after, before);
}

TEST_F(AccessTest, ANewerHeadIsRefused) {
  open();
  close();
  writeAll(options.directory / "HEAD", "format 7\n");
  EXPECT_EQ(openFails().kind, Error::Kind::kNewerFormat);
}

TEST_F(AccessTest, TheHeadOfAnotherJournalIsRefused) {
  open();
  fill(3);
  close();
  writeAll(options.directory / "HEAD", encodeHead({JournalId{9}, 3, sha256("x")}));
  const Error error = openFails();
  EXPECT_EQ(error.kind, Error::Kind::kForeignJournal);
  EXPECT_THAT(error.message, AllOf(HasSubstr("09000000"), HasSubstr("01020300")));
}

TEST_F(AccessTest, CreationThatWasInterruptedIsCompleted) {
  open();
  close();
  for (const char* rest : {"CURRENT", "HEAD"}) {
    std::filesystem::remove(options.directory / rest);
    std::filesystem::remove(logDirectory() / rest);
  }
  for (const auto& file : logFiles(".log")) std::filesystem::remove(file);
  open();
  fill(1);
  EXPECT_EQ(journal->id(), (JournalId{1, 2, 3}));
}

}  // namespace
}  // namespace glaux::journal
