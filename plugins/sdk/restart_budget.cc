#include "plugins/sdk/restart_budget.h"

namespace glaux::plugins {
namespace {

constexpr std::int64_t kWindowMs = 10 * 60 * 1000;

}  // namespace

bool RestartBudget::take(std::int64_t now_ms) {
  while (!taken_ms_.empty() && taken_ms_.front() <= now_ms - kWindowMs) taken_ms_.pop_front();
  if (taken_ms_.size() >= restarts_) return false;
  taken_ms_.push_back(now_ms);
  return true;
}

std::string RestartBudget::exhausted() const {
  return " It had been started again " + std::to_string(restarts_) +
         (restarts_ == 1 ? " time" : " times") + " within ten minutes.";
}

}  // namespace glaux::plugins
