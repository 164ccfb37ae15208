#include "plugins/sdk/usage_meter.h"

#include <algorithm>
#include <utility>

namespace glaux::plugins {

UsageMeter::UsageMeter(std::string executor_id, std::uint32_t dpus)
    : executor_id_(std::move(executor_id)), dpus_(dpus) {}

void UsageMeter::begin(std::string calculation_id, std::int64_t now_ms) {
  calculation_id_ = std::move(calculation_id);
  began_ms_ = now_ms;
}

Usage UsageMeter::read(std::int64_t now_ms) const {
  const auto elapsed_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms - began_ms_, 1));
  const std::uint64_t dpu_millis = elapsed_ms * dpus_;
  return {executor_id_, finished_dpu_millis_ + dpu_millis, calculation_id_, dpu_millis};
}

Usage UsageMeter::finish(std::int64_t now_ms) {
  Usage usage = read(now_ms);
  finished_dpu_millis_ = usage.total_dpu_millis;
  return usage;
}

}  // namespace glaux::plugins
