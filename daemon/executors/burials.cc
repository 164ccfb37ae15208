#include "daemon/executors/burials.h"

#include <fcntl.h>
#include <signal.h>

#include <fstream>
#include <optional>
#include <utility>

#include "daemon/executors/leftovers.h"
#include "daemon/executors/report_translation.h"
#include "daemon/loop/child_process.h"
#include "daemon/loop/timer.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {
namespace {

// Fewer than the pool has threads: waiting for an executor's end takes one of them.
constexpr std::size_t kAtATime = 3;

// What is left of an executor that cannot be adopted may take this long to end in order before it
// is killed.
constexpr int kGraceMs = 7000;

constexpr std::uint64_t kCleanupTimeoutMs = 60'000;
constexpr const char* kLogFile = "cleanup.log";

std::string lastLine(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);) last = std::move(line);
  return last;
}

}  // namespace

class Burials::OneBurial {
 public:
  OneBurial(Burials& all, std::filesystem::path directory, std::function<void(Burial)> done)
      : all_(all), directory_(std::move(directory)), done_(std::move(done)) {}

  void begin() {
    all_.work_.run(
        [directory = directory_] {
          endProcesses(directory, kGraceMs);
          return readPluginName(directory);
        },
        [this](const std::string& plugin) { cleanUp(plugin); });
  }

  const std::string& left() const { return left_; }
  std::function<void(Burial)> takeDone() { return std::move(done_); }

 private:
  void cleanUp(const std::string& name) {
    // Of a launch that came to nothing.
    if (name.empty()) return readReports();
    const ExecutorPlugin* plugin = all_.catalog_.find(name);
    if (plugin == nullptr) {
      left_ = "executor " + name +
              " is not installed, so that nobody can clean up after it; when " +
              "nothing is left, " + directory_.string() + " can be removed.";
      return readReports();
    }
    command_ = plugin->manifest.executable.string() + " cleanup " + directory_.string();
    if (auto started = start(plugin->manifest.executable); !started) {
      left_ = "`" + command_ + "` cannot be run: " + started.error().message + ".";
      readReports();
    }
  }

  tl::expected<void, Error> start(const std::filesystem::path& executable) {
    OwnedFd log(
        ::open((directory_ / kLogFile).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    ChildOptions options;
    options.executable = executable.string();
    options.arguments = {"cleanup", directory_.string()};
    if (log) options.inherited = {{1, log.get()}, {2, log.get()}};
    options.own_session = true;
    auto child = ChildProcess::spawn(all_.loop_, options, [this](ChildExit exit) { ended(exit); });
    if (!child) return tl::unexpected(std::move(child.error()));
    child_ = std::move(*child);
    timeout_.emplace(all_.loop_, [this] { ::kill(-child_->pid(), SIGKILL); });
    timeout_->start(kCleanupTimeoutMs);
    return {};
  }

  void ended(const ChildExit& exit) {
    timeout_->stop();
    if (exit.signal == 0 && exit.code == 0) return readReports();
    left_ = "`" + command_ + "` " +
            (exit.signal != 0 ? "was killed by signal " + std::to_string(exit.signal)
                              : "ended with exit status " + std::to_string(exit.code));
    if (std::string line = lastLine(directory_ / kLogFile); !line.empty()) left_ += ": " + line;
    left_ += ".";
    readReports();
  }

  void readReports() {
    all_.work_.run([directory = directory_] { return spooledReports(directory); },
                   [this](const std::vector<plugins::Report>& reports) {
                     all_.ended(*this, translateReports(reports));
                   });
  }

  Burials& all_;
  std::filesystem::path directory_;
  std::function<void(Burial)> done_;
  std::string command_;
  std::string left_;
  std::unique_ptr<ChildProcess> child_;
  std::optional<Timer> timeout_;
};

Burials::Burials(Loop& loop, const ExecutorCatalog& catalog)
    : loop_(loop), catalog_(catalog), work_(loop) {}

Burials::~Burials() = default;

void Burials::bury(std::filesystem::path session_directory, std::function<void(Burial)> done) {
  waiting_.push_back(
      std::make_unique<OneBurial>(*this, std::move(session_directory), std::move(done)));
  beginSome();
}

void Burials::beginSome() {
  while (under_way_.size() < kAtATime && !waiting_.empty()) {
    under_way_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    under_way_.back()->begin();
  }
}

void Burials::ended(OneBurial& burial, std::vector<core::Report> reports) {
  auto done = burial.takeDone();
  Burial result{std::move(reports), burial.left()};
  std::erase_if(under_way_, [&burial](const auto& each) { return each.get() == &burial; });
  beginSome();
  done(std::move(result));
}

}  // namespace glaux::daemon
