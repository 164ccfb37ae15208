#include "tests/simulation/timeline.h"

#include <algorithm>
#include <utility>

namespace glaux::simulation {
namespace {

constexpr std::int64_t kEpochMs = 1'800'000'000'000;

class SimulatedAlarm final : public daemon::Alarm {
 public:
  SimulatedAlarm(Timeline& timeline, std::function<void()> on_timeout)
      : timeline_(timeline),
        on_timeout_(std::make_shared<std::function<void()>>(std::move(on_timeout))) {}
  ~SimulatedAlarm() override { stop(); }

  void start(std::uint64_t delay_ms, std::uint64_t repeat_ms) override {
    stop();
    is_active_ = true;
    event_ = timeline_.after(delay_ms, [this, repeat_ms] {
      is_active_ = false;
      if (repeat_ms != 0) start(repeat_ms, repeat_ms);
      // A copy: the function may destroy the alarm.
      auto on_timeout = on_timeout_;
      (*on_timeout)();
    });
  }

  void stop() override {
    if (std::exchange(is_active_, false)) timeline_.cancel(event_);
  }

  bool isActive() const override { return is_active_; }

 private:
  Timeline& timeline_;
  std::shared_ptr<std::function<void()>> on_timeout_;
  bool is_active_ = false;
  Timeline::Event event_ = 0;
};

}  // namespace

Timeline::Event Timeline::after(std::uint64_t delay_ms, std::function<void()> what) {
  Key key{now_ms_ + static_cast<std::int64_t>(delay_ms), random_.next(), ++latest_};
  queue_.emplace(key, std::move(what));
  keys_.emplace(key.event, key);
  return key.event;
}

void Timeline::cancel(Event event) {
  auto known = keys_.find(event);
  if (known == keys_.end()) return;
  queue_.erase(known->second);
  keys_.erase(known);
}

bool Timeline::step() {
  if (queue_.empty()) return false;
  auto next = queue_.extract(queue_.begin());
  keys_.erase(next.key().event);
  now_ms_ = next.key().at_ms;
  next.mapped()();
  return true;
}

void Timeline::stepWallClock(std::int64_t by_ms) {
  wall_offset_ms_ += by_ms;
  furthest_wall_offset_ms_ = std::max(furthest_wall_offset_ms_, wall_offset_ms_);
}

std::int64_t Timeline::nowMs() const { return kEpochMs + now_ms_ + wall_offset_ms_; }

std::unique_ptr<daemon::Alarm> Timeline::make(std::function<void()> on_timeout) {
  return std::make_unique<SimulatedAlarm>(*this, std::move(on_timeout));
}

}  // namespace glaux::simulation
