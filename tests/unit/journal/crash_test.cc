// Processes that are killed while they write.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "tests/unit/journal/fixture.h"
#include "tests/unit/journal/victim.h"

namespace glaux::journal {
namespace {

// A running journal_victim.
class Victim {
 public:
  explicit Victim(const std::filesystem::path& state_directory) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string program = JOURNAL_VICTIM;
    std::string argument = state_directory;
    char* arguments[] = {program.data(), argument.data(), nullptr};
    if (::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments, environ) != 0) {
      std::abort();
    }
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    acknowledgements_ = ends[0];
  }
  ~Victim() { ::close(acknowledgements_); }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  // Kills it once `enough` is acknowledged. The last sequence that was acknowledged before it died.
  Sequence killAfter(Sequence enough) {
    Sequence last = 0;
    bool killed = false;
    for (Sequence through; ::read(acknowledgements_, &through, sizeof through) == sizeof through;) {
      last = through;
      if (last >= enough && !std::exchange(killed, true)) ::kill(process_, SIGKILL);
    }
    int status = 0;
    ::waitpid(process_, &status, 0);
    EXPECT_TRUE(killed && WIFSIGNALED(status)) << "it ended by itself, status " << status;
    return last;
  }

 private:
  pid_t process_ = -1;
  int acknowledgements_ = -1;
};

class CrashTest : public JournalTest {
 protected:
  CrashTest() { options.tables = kVictimTables; }

  void expectWhole() {
    Sequence sequence = 0;
    for (const std::string& payload : payloads()) {
      ASSERT_EQ(payload, victimPayload(++sequence));
    }
    ASSERT_EQ(sequence, journal->lastSequence());
    for (Sequence with_blob = 10; with_blob <= sequence; with_blob += 1000) {
      const std::string blob = victimBlob(with_blob);
      ASSERT_EQ(*journal->readBlob(sha256(blob)), blob);
    }
  }

  void expectTrueCheckpoint() {
    const auto checkpoint = journal->tables().get("meta", "checkpoint").value();
    if (!checkpoint) return;
    ASSERT_TRUE(journal->tables().get("rows", *checkpoint).value());
    ASSERT_FALSE(
        journal->tables().get("rows", std::to_string(std::stoull(*checkpoint) + 1)).value());
  }
};

TEST_F(CrashTest, AKilledWriterLosesNothingItAcknowledged) {
  constexpr int kRounds = 20;
  std::mt19937 random(20261120);
  Sequence last = 0;
  int torn_tails = 0;
  for (int round = 0; round < kRounds; ++round) {
    Victim victim(options.directory);
    const Sequence acknowledged = victim.killAfter(last + 1 + random() % 3000);
    open();
    ASSERT_GE(journal->lastSequence(), acknowledged);
    last = journal->lastSequence();
    torn_tails += journal->openReport().torn_tail.has_value();
    expectWhole();
    expectTrueCheckpoint();
    close();
  }
  RecordProperty("torn_tails", torn_tails);
}

}  // namespace
}  // namespace glaux::journal
