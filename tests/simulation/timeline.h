#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>

#include "daemon/alarm.h"
#include "daemon/clock.h"
#include "tests/simulation/random.h"

namespace glaux::simulation {

// Virtual time, and everything that is to happen in it. Time passes only from one event to the
// next; what is due at the same moment happens in an order that the seed chooses.
class Timeline final : public daemon::Clock, public daemon::Alarms {
 public:
  using Event = std::uint64_t;

  explicit Timeline(Random random) : random_(random) {}

  Event after(std::uint64_t delay_ms, std::function<void()> what);
  // One that has happened already is ignored.
  void cancel(Event event);

  // Lets the next event happen. False if there is none.
  bool step();

  // Sets the machine's clock; deadlines and alarms that are relative do not care.
  void stepWallClock(std::int64_t by_ms);
  // Sets it to what it would show if it had never been set back.
  void catchUpWallClock() { wall_offset_ms_ = furthest_wall_offset_ms_; }

  std::int64_t nowMs() const override;
  std::int64_t monotonicMs() const override { return now_ms_; }
  std::unique_ptr<daemon::Alarm> make(std::function<void()> on_timeout) override;

 private:
  struct Key {
    std::int64_t at_ms;
    std::uint64_t order;
    Event event;
    auto operator<=>(const Key&) const = default;
  };

  Random random_;
  std::int64_t now_ms_ = 0;
  std::int64_t wall_offset_ms_ = 0;
  std::int64_t furthest_wall_offset_ms_ = 0;
  Event latest_ = 0;
  std::map<Key, std::function<void()>> queue_;
  std::unordered_map<Event, Key> keys_;
};

}  // namespace glaux::simulation
