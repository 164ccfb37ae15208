#include "plugins/check/runner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <filesystem>
#include <iterator>

#include "plugins/check/child_process.h"

namespace glaux::plugins::check {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kCaseTimeout{200};
constexpr int kCannotRun = 2;

fs::path makeDirectory() {
  std::string name = (fs::temp_directory_path() / "glaux-check-XXXXXX").string();
  return ::mkdtemp(name.data()) == nullptr ? fs::path() : fs::path(name);
}

// The first byte is the verdict, the rest the explanation.
std::string judge(const Subject& subject, const Case& one, const fs::path& directory) {
  const auto say = [](Verdict verdict, const std::string& explanation) {
    return static_cast<char>('0' + static_cast<int>(verdict)) + explanation;
  };
  try {
    Trial trial(subject, directory);
    one.run(trial);
    return say(Verdict::kOk, "");
  } catch (const Failed& failed) {
    return say(Verdict::kFailed, failed.what);
  } catch (const Skipped& skipped) {
    return say(Verdict::kSkipped, skipped.why);
  } catch (const std::exception& exception) {
    return say(Verdict::kFailed, std::string("the kit itself failed: ") + exception.what());
  }
}

// In the case's process.
[[noreturn]] void run(const Subject& subject, const Case& one, const fs::path& directory,
                      int verdict_fd) {
  ::alarm(static_cast<unsigned>(kCaseTimeout.count() * std::max(1.0, subject.time_scale)));
  const std::string verdict = judge(subject, one, directory);
  [[maybe_unused]] const auto written = ::write(verdict_fd, verdict.data(), verdict.size());
  ::_exit(0);
}

struct Running {
  std::size_t index;
  fs::path directory;
  pid_t pid;
  int verdict_fd;
  Clock::time_point began;
  std::string verdict = {};
};

CaseResult concluded(const Running& running, CaseResult result) {
  int status = 0;
  ::waitpid(running.pid, &status, 0);
  std::error_code ignored;
  fs::remove_all(running.directory, ignored);
  result.duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - running.began);
  if (!running.verdict.empty()) {
    result.verdict = static_cast<Verdict>(running.verdict[0] - '0');
    result.explanation = running.verdict.substr(1);
  } else {
    result.verdict = Verdict::kFailed;
    result.explanation = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM
                             ? "it came to no end"
                             : "the kit itself failed: " + describeWaitStatus(status);
  }
  return result;
}

struct Planned {
  const Case* one;
  CaseResult result;
};

class Runner {
 public:
  Runner(const Subject& subject, const std::vector<Group>& groups) : subject_(subject) {
    for (const Group& group : groups) {
      for (const Case& one : group.cases) planned_.push_back({&one, {group.name, one.name}});
    }
  }

  std::vector<CaseResult> run(unsigned jobs,
                              const std::function<void(const CaseResult&)>& on_result) {
    runThose([](const Case& one) { return one.needs_machine; }, 1, on_result);
    runThose([](const Case& one) { return !one.needs_machine; }, jobs, on_result);
    std::vector<CaseResult> results;
    for (Planned& planned : planned_) results.push_back(std::move(planned.result));
    return results;
  }

 private:
  template <typename Condition>
  void runThose(Condition condition, unsigned jobs,
                const std::function<void(const CaseResult&)>& on_result) {
    std::deque<std::size_t> waiting;
    for (std::size_t i = 0; i < planned_.size(); ++i) {
      if (condition(*planned_[i].one)) waiting.push_back(i);
    }
    while (!waiting.empty() || !running_.empty()) {
      for (; !waiting.empty() && running_.size() < jobs; waiting.pop_front())
        begin(waiting.front());
      for (const std::size_t ended : waitForVerdicts()) on_result(planned_[ended].result);
    }
  }

  void begin(std::size_t index) {
    int pipe[2];
    const bool is_piped = ::pipe2(pipe, O_CLOEXEC) == 0;
    const fs::path directory = makeDirectory();
    const pid_t pid = is_piped && !directory.empty() ? ::fork() : -1;
    if (pid < 0) {
      std::perror("a case cannot be started");
      std::exit(kCannotRun);
    }
    if (pid == 0) check::run(subject_, *planned_[index].one, directory, pipe[1]);
    ::close(pipe[1]);
    running_.push_back({index, directory, pid, pipe[0], Clock::now()});
  }

  // Blocks until something was said; answers the cases that have ended.
  std::vector<std::size_t> waitForVerdicts() {
    std::vector<pollfd> polled;
    for (const Running& running : running_) polled.push_back({running.verdict_fd, POLLIN, 0});
    ::poll(polled.data(), polled.size(), -1);
    std::vector<std::size_t> ended;
    auto readable = polled.begin();
    for (auto running = running_.begin(); running != running_.end(); ++readable) {
      if (readable->revents == 0 || readMore(*running)) {
        ++running;
        continue;
      }
      ::close(running->verdict_fd);
      CaseResult& result = planned_[running->index].result;
      result = concluded(*running, std::move(result));
      ended.push_back(running->index);
      running = running_.erase(running);
    }
    return ended;
  }

  // False at the end.
  static bool readMore(Running& running) {
    char buffer[4096];
    const ssize_t size = ::read(running.verdict_fd, buffer, sizeof(buffer));
    if (size > 0) running.verdict.append(buffer, static_cast<std::size_t>(size));
    return size > 0;
  }

  const Subject& subject_;
  std::vector<Planned> planned_;
  std::deque<Running> running_;
};

}  // namespace

std::vector<CaseResult> runCases(const Subject& subject, const std::vector<Group>& groups,
                                 unsigned jobs,
                                 const std::function<void(const CaseResult&)>& on_result) {
  return Runner(subject, groups).run(jobs, on_result);
}

}  // namespace glaux::plugins::check
