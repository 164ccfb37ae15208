// `simulate`: histories of glauxd from seeds, see simulation.h. Prints what it did, and of each
// history that broke a promise its seed; exit status 1 then.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "tests/simulation/planted_bugs.h"
#include "tests/simulation/simulation.h"

namespace glaux::simulation {
namespace {

std::uint64_t seed_under_way = 0;

// A broken invariant ends the process, see core/check.h: then this says which seed it was.
void onAbort(int) {
  char text[64];
  int size = std::snprintf(text, sizeof text, "the process was ended by seed %llu\n",
                           static_cast<unsigned long long>(seed_under_way));
  static_cast<void>(!::write(STDERR_FILENO, text, static_cast<std::size_t>(size)));
  ::signal(SIGABRT, SIG_DFL);
}

struct Options {
  std::uint64_t first_seed = 1;
  std::uint64_t crash_points = 20'000;
  std::uint64_t crashes_per_history = 40;
  bool quiet = false;
  bool trace = false;
};

class Tally {
 public:
  void add(std::uint64_t seed, const Result& result) {
    ++histories_;
    crash_points_ += result.crash_points;
    points_ += result.points;
    records_ += result.records;
    answers_ += result.answers;
    for (const auto& [name, times] : result.faults) faults_[name] += times;
    if (!result.broken) return;
    ++broken_;
    std::printf("seed %llu, history %s: %s\n", static_cast<unsigned long long>(seed),
                result.digest.hex().substr(0, 16).c_str(), result.broken->c_str());
    std::fflush(stdout);
  }

  std::uint64_t crashPoints() const { return crash_points_; }
  std::uint64_t broken() const { return broken_; }

  void print(double seconds) const {
    std::printf("%llu histories, %llu crash points of %llu, %llu records, %llu answers; ",
                number(histories_), number(crash_points_), number(points_), number(records_),
                number(answers_));
    for (const auto& [name, times] : faults_) std::printf("%s %llu, ", name.c_str(), number(times));
    std::printf("%llu broken; %.1f s, %.0f crash points/s\n", number(broken_), seconds,
                static_cast<double>(crash_points_) / seconds);
    std::fflush(stdout);
  }

 private:
  static unsigned long long number(std::uint64_t value) { return value; }

  std::uint64_t histories_ = 0, crash_points_ = 0, points_ = 0, records_ = 0, answers_ = 0;
  std::uint64_t broken_ = 0;
  std::map<std::string, std::uint64_t> faults_;
};

int simulate(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point began = Clock::now();
  auto seconds = [began] { return std::chrono::duration<double>(Clock::now() - began).count(); };
  double next_report_s = 10;
  Tally tally;
  for (std::uint64_t seed = options.first_seed; tally.crashPoints() < options.crash_points;
       ++seed) {
    seed_under_way = seed;
    Simulation simulation(seed, options.crashes_per_history);
    if (options.trace)
      simulation.trace([](const std::string& line) { std::printf("%s\n", line.c_str()); });
    tally.add(seed, simulation.run());
    if (tally.broken() >= 10) break;
    if (options.quiet || seconds() < next_report_s) continue;
    next_report_s = seconds() + 10;
    tally.print(seconds());
  }
  std::printf("seeds from %llu: ", static_cast<unsigned long long>(options.first_seed));
  tally.print(seconds());
  return tally.broken() > 0 ? 1 : 0;
}

// In how many histories the bug was found; 0: it was not. In a process of its own, because a broken
// invariant ends it.
std::uint64_t findPlanted(core::PlantedBug bug) {
  for (std::uint64_t seed = 1; seed <= kFoundWithinSeeds; ++seed) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::signal(SIGABRT, SIG_DFL);
      std::freopen("/dev/null", "w", stderr);
      plant(bug);
      ::_exit(Simulation(seed, kCrashesToFindIt).run().broken ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) return seed;
  }
  return 0;
}

int findAllPlanted() {
  if (!hasPlantedBugs()) {
    std::fprintf(stderr,
                 "simulate: there are no planted bugs in this build; use the preset \"planted\"\n");
    return 2;
  }
  int missed = 0;
  for (const PlantedBugRow& row : plantedBugs()) {
    const std::uint64_t found = findPlanted(row.bug);
    if (found == 0) ++missed;
    if (found == 0) {
      std::printf("MISSED %s, in %llu histories\n", row.name,
                  static_cast<unsigned long long>(kFoundWithinSeeds));
    } else {
      std::printf("found  %s, by seed %llu\n", row.name, static_cast<unsigned long long>(found));
    }
    std::fflush(stdout);
  }
  std::printf("%zu planted bugs, %d missed\n", plantedBugs().size(), missed);
  return missed > 0 ? 1 : 0;
}

}  // namespace
}  // namespace glaux::simulation

int main(int argc, char** argv) {
  glaux::simulation::Options options;
  CLI::App app{"Runs glauxd in simulation and kills it, again and again."};
  app.add_option("--seed", options.first_seed, "the first history's; the next ones count up")
      ->capture_default_str();
  app.add_option("--crash-points", options.crash_points, "how many daemons are to die, in all")
      ->capture_default_str();
  app.add_option("--crashes", options.crashes_per_history, "how many die in one history")
      ->capture_default_str();
  app.add_flag("--quiet", options.quiet, "no progress, only the result");
  app.add_flag("--trace", options.trace, "print what happens, the records as JSON");
  bool finds_planted = false;
  app.add_flag("--planted", finds_planted, "look for each of the planted bugs instead");
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::off);
  ::signal(SIGABRT, glaux::simulation::onAbort);
  if (finds_planted) return glaux::simulation::findAllPlanted();
  return glaux::simulation::simulate(options);
}
