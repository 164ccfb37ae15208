#include "daemon/ctl/journal_verify.h"

#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <system_error>

#include "daemon/core/check.h"
#include "daemon/ctl/check_report.h"
#include "daemon/ctl/exit_code.h"
#include "daemon/ctl/guarded_check.h"
#include "daemon/ctl/journal_check.h"
#include "daemon/ctl/views_check.h"

namespace glaux::daemon {
namespace {

// A Tally in memory that child processes share.
class SharedTally {
 public:
  SharedTally() {
    void* memory =
        ::mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    core::check(memory != MAP_FAILED, "there is memory for a tally");
    tally_ = new (memory) Tally;
  }
  ~SharedTally() { ::munmap(tally_, sizeof(Tally)); }
  SharedTally(const SharedTally&) = delete;
  SharedTally& operator=(const SharedTally&) = delete;

  Tally& operator*() const { return *tally_; }
  Tally* operator->() const { return tally_; }

 private:
  Tally* tally_;
};

// Removed with its owner. Its path is empty if it could not be made.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::error_code ignored;
    std::string pattern =
        (std::filesystem::temp_directory_path(ignored) / "glauxctl-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct NamedCheck {
  const char* what;
  std::function<tl::expected<void, journal::Error>(CheckReport&)> run;
};

void reportBroken(const char* what, Tally& tally) {
  ++tally.problems;
  std::printf(
      "record %llu: contradicts the records before it, found by checking the %s (stderr names the "
      "broken invariant); glauxd cannot start on it: restore the journal from a backup\n",
      static_cast<unsigned long long>(tally.at), what);
}

// Whether the checks that follow make sense, else the exit code.
std::optional<int> exitCodeOf(const CheckEnd& end, const char* what, Tally& tally) {
  switch (end.kind) {
    case CheckEnd::Kind::kDone:
      return std::nullopt;
    case CheckEnd::Kind::kBroken:
      reportBroken(what, tally);
      return std::nullopt;
    case CheckEnd::Kind::kNoJournal:
      return kExitUsage;
    case CheckEnd::Kind::kFailed:
      return kExitProblems;
    case CheckEnd::Kind::kKilled:
      std::fprintf(stderr, "glauxctl: checking the %s was ended at record %llu by signal %d (%s)\n",
                   what, static_cast<unsigned long long>(tally.at), end.signal,
                   ::strsignal(end.signal));
      return kExitProblems;
  }
  return kExitProblems;
}

std::string counted(std::uint64_t number, const char* noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

int summarize(const Tally& tally, Progress::Clock::duration took) {
  const double seconds = std::chrono::duration<double>(took).count();
  std::printf("%s, %s, %.2f s\n", counted(tally.records, "sound record").c_str(),
              counted(tally.problems, "problem").c_str(), seconds);
  return tally.problems == 0 ? kExitOk : kExitProblems;
}

}  // namespace

int verifyJournal(const std::filesystem::path& state_directory) {
  const auto began = Progress::Clock::now();
  const SharedTally tally;
  const ScratchDirectory scratch;
  if (scratch.path().empty()) {
    std::fprintf(stderr,
                 "glauxctl: making a temporary directory failed (%s); TMPDIR may name another\n",
                 std::strerror(errno));
    return kExitProblems;
  }
  const std::array<NamedCheck, 3> checks = {{
      {"records", [&](CheckReport& report) { return checkRecords(state_directory, report); }},
      {"state", [&](CheckReport& report) { return checkState(state_directory, report); }},
      {"views",
       [&](CheckReport& report) { return checkViews(state_directory, scratch.path(), report); }},
  }};
  for (const NamedCheck& check : checks) {
    const CheckEnd end = runGuarded([&] {
      CheckReport report(*tally, check.what, began);
      return check.run(report);
    });
    if (const auto exit_code = exitCodeOf(end, check.what, *tally)) return *exit_code;
  }
  return summarize(*tally, Progress::Clock::now() - began);
}

}  // namespace glaux::daemon
