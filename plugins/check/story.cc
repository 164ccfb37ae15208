#include "plugins/check/story.h"

#include <algorithm>
#include <map>
#include <set>

#include "plugins/check/expect.h"

namespace glaux::plugins::check {
namespace {

const char* nameOf(ExecutorState state) {
  switch (state) {
    case ExecutorState::kCreating:
      return "CREATING";
    case ExecutorState::kCreated:
      return "CREATED";
    case ExecutorState::kRegistered:
      return "REGISTERED";
    case ExecutorState::kTerminating:
      return "TERMINATING";
    case ExecutorState::kTerminated:
      return "TERMINATED";
    case ExecutorState::kFailed:
      return "FAILED";
  }
  return "in an unknown state";
}

// A line of the story; empty for a report that has no place in it.
struct Teller {
  std::string operator()(const SessionReady&) const { return "sessionReady"; }
  std::string operator()(const ExecutorChanged& changed) const {
    if (changed.type != ExecutorType::kCoordinator) return "";
    return std::string("COORDINATOR ") + nameOf(changed.state);
  }
  std::string operator()(const CalculationStarted& started) const {
    return "started " + started.calculation_id;
  }
  std::string operator()(const Progress&) const { return ""; }
  std::string operator()(const Usage&) const { return ""; }
  std::string operator()(const CalculationFinished& finished) const {
    return "finished " + finished.calculation_id + " " + check::nameOf(finished.outcome);
  }
  std::string operator()(const SessionEnded& ended) const {
    return std::string("ended ") + check::nameOf(ended.ending);
  }
  std::string operator()(const KernelDied&) const { return "kernelDied"; }
  std::string operator()(const Degraded&) const { return "degraded"; }
  std::string operator()(const Recovered&) const { return "recovered"; }
  std::string operator()(const UnknownReport&) const { return ""; }
};

// Reads reports one by one and knows what may come next.
class Order {
 public:
  void read(const Report& report) {
    at_ = "report " + std::to_string(report.number) + ": ";
    require(!has_ended_, "comes after sessionEnded");
    std::visit([this](const auto& what) { on(what); }, report.what);
    is_first_ = false;
  }

 private:
  void require(bool is_kept, const std::string& otherwise) const {
    expect(is_kept, at_ + otherwise);
  }

  void on(const ExecutorChanged& changed) {
    if (changed.type != ExecutorType::kCoordinator) {
      others_[changed.executor_id] = changed.state;
      return;
    }
    if (changed.state == ExecutorState::kCreating)
      require(is_first_ || has_died_, "CREATING comes neither first nor after kernelDied");
    if (is_first_)
      require(changed.state == ExecutorState::kCreating, "the COORDINATOR's first is not CREATING");
    if (changed.state == ExecutorState::kCreated)
      require(coordinator_ == ExecutorState::kCreating, "CREATED does not follow CREATING");
    if (changed.state == ExecutorState::kRegistered)
      require(coordinator_ == ExecutorState::kCreated, "REGISTERED does not follow CREATED");
    coordinator_ = changed.state;
    is_just_registered_ = changed.state == ExecutorState::kRegistered;
  }
  void on(const SessionReady&) {
    require(!is_ready_ || is_degraded_, "a second sessionReady without kernelDied");
    require(is_just_registered_, "sessionReady does not come right after REGISTERED");
    is_ready_ = true;
    was_ready_ = true;
    has_died_ = false;
    is_degraded_ = false;
  }
  void on(const KernelDied&) {
    require(was_ready_, "kernelDied comes before sessionReady");
    is_ready_ = false;
    has_died_ = true;
  }
  void on(const CalculationStarted& started) {
    require(is_ready_, "calculationStarted comes before sessionReady");
    require(running_.empty(), "calculationStarted while " + running_ + " is running");
    require(started_.insert(started.calculation_id).second, "a second calculationStarted");
    require(finished_.count(started.calculation_id) == 0,
            "calculationStarted after calculationFinished");
    running_ = started.calculation_id;
  }
  void on(const Progress& progress) {
    require(progress.calculation_id == running_, "progress of what is not running");
    require(!progress.description.empty(), "progress without a description");
  }
  void on(const Usage& usage) {
    require(usage.calculation_id == running_, "usage of what is not running");
  }
  void on(const CalculationFinished& finished) {
    require(finished_.insert(finished.calculation_id).second, "a second calculationFinished");
    if (finished.calculation_id == running_) running_.clear();
  }
  void on(const Degraded&) {
    require(was_ready_ && !is_degraded_, "degraded in the wrong place");
    is_degraded_ = true;
  }
  void on(const Recovered&) {
    require(is_degraded_, "recovered without degraded");
    is_degraded_ = false;
  }
  void on(const SessionEnded&) {
    const auto isOver = [](ExecutorState state) {
      return state == ExecutorState::kTerminated || state == ExecutorState::kFailed;
    };
    require(running_.empty(), "the session ends while " + running_ + " is running");
    require(isOver(coordinator_),
            "the session ends with a COORDINATOR that is " + std::string(nameOf(coordinator_)));
    for (const auto& [id, state] : others_)
      require(isOver(state), "the session ends before executor " + id);
    has_ended_ = true;
  }
  void on(const UnknownReport&) {}

  std::string at_;
  std::string running_;
  std::set<std::string> started_, finished_;
  std::map<std::string, ExecutorState> others_;
  ExecutorState coordinator_ = ExecutorState::kTerminating;
  bool is_first_ = true;
  bool is_just_registered_ = false;
  bool is_ready_ = false, was_ready_ = false, has_died_ = false, is_degraded_ = false;
  bool has_ended_ = false;
};

}  // namespace

std::vector<std::string> storyOf(const std::vector<Report>& reports) {
  std::vector<std::string> story;
  for (const Report& report : reports) {
    std::string line = std::visit(Teller{}, report.what);
    if (!line.empty()) story.push_back(std::move(line));
  }
  return story;
}

std::vector<std::string> storyOfAStart() {
  return {"COORDINATOR CREATING", "COORDINATOR CREATED", "COORDINATOR REGISTERED", "sessionReady"};
}

std::vector<std::uint64_t> numbersOf(const std::vector<Report>& reports) {
  std::vector<std::uint64_t> numbers;
  for (const Report& report : reports) numbers.push_back(report.number);
  return numbers;
}

std::vector<Usage> usagesIn(const std::vector<Report>& reports) {
  std::vector<Usage> usages;
  for (const Report& report : reports) {
    if (const auto* usage = std::get_if<Usage>(&report.what)) usages.push_back(*usage);
    if (const auto* finished = std::get_if<CalculationFinished>(&report.what)) {
      if (!finished->usage.executor_id.empty()) usages.push_back(finished->usage);
    }
  }
  return usages;
}

const char* nameOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCompleted:
      return "completed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kCanceled:
      return "canceled";
  }
  return "unknown";
}

const char* nameOf(Ending ending) { return ending == Ending::kClean ? "clean" : "failed"; }

void expectContractOrder(const std::vector<Report>& reports) {
  Order order;
  for (const Report& report : reports) order.read(report);
}

void expectNumbersFrom(std::uint64_t first, const std::vector<Report>& reports) {
  for (const Report& report : reports) {
    expectEqual("a report's number", static_cast<std::int64_t>(report.number),
                static_cast<std::int64_t>(first));
    ++first;
  }
}

void expectTotalsNeverDecrease(const std::vector<Report>& reports) {
  std::map<std::string, Usage> last;
  std::map<std::string, std::uint64_t> totals;
  for (const Usage& usage : usagesIn(reports)) {
    Usage& before = last[usage.calculation_id];
    std::uint64_t& total = totals[usage.executor_id];
    const auto rises = [&](const char* what, std::uint64_t seen, std::uint64_t earlier) {
      expect(seen >= earlier, std::string(what) + " of " + usage.calculation_id + " fell from " +
                                  std::to_string(earlier) + " to " + std::to_string(seen));
    };
    rises("totalDpuMillis", usage.total_dpu_millis, total);
    rises("calculationDpuMillis", usage.calculation_dpu_millis, before.calculation_dpu_millis);
    rises("cpuMillis", usage.cpu_millis, before.cpu_millis);
    rises("peakMilliCpus", usage.peak_milli_cpus, before.peak_milli_cpus);
    rises("peakMemoryMib", usage.peak_memory_mib, before.peak_memory_mib);
    before = usage;
    total = usage.total_dpu_millis;
  }
}

}  // namespace glaux::plugins::check
