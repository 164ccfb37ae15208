#include "plugins/sdk/usage_meter.h"

#include <algorithm>
#include <utility>

namespace glaux::plugins {
namespace {

// A peak over less than this says more about when the clock ticked than about what was used.
constexpr std::int64_t kShortestPeakMs = 500;

}  // namespace

UsageMeter::UsageMeter(std::string executor_id, std::uint32_t dpus)
    : executor_id_(std::move(executor_id)), dpus_(dpus) {}

void UsageMeter::begin(std::string calculation_id, std::int64_t now_ms,
                       const std::optional<Measurement>& measured) {
  goOn({finished_dpu_millis_, now_ms, measured ? measured->cpu_millis : 0},
       std::move(calculation_id), now_ms);
}

void UsageMeter::goOn(const Standing& standing, std::string calculation_id, std::int64_t now_ms) {
  finished_dpu_millis_ = standing.finished_dpu_millis;
  calculation_id_ = std::move(calculation_id);
  began_ms_ = standing.began_ms;
  began_cpu_millis_ = standing.began_cpu_millis;
  cpu_millis_ = 0;
  cpu_dpu_millis_ = 0;
  peak_milli_cpus_ = 0;
  measured_at_ms_ = now_ms;
}

void UsageMeter::measure(std::int64_t now_ms, const std::optional<Measurement>& measured) {
  if (!measured) return;
  peak_memory_mib_ = std::max(peak_memory_mib_, measured->peak_memory_mib);
  // Less than before: it is the processor time of a fresh kernel, which has run no code yet.
  const std::uint64_t cpu_millis =
      std::max(measured->cpu_millis, began_cpu_millis_ + cpu_millis_) - began_cpu_millis_;
  const std::int64_t elapsed_ms = now_ms - measured_at_ms_;
  if (elapsed_ms >= kShortestPeakMs) {
    const auto milli_cpus = static_cast<std::uint32_t>((cpu_millis - cpu_millis_) * 1000 /
                                                       static_cast<std::uint64_t>(elapsed_ms));
    peak_milli_cpus_ = std::max(peak_milli_cpus_, milli_cpus);
  }
  measured_at_ms_ = now_ms;
  cpu_millis_ = cpu_millis;
  cpu_dpu_millis_ =
      static_cast<std::uint64_t>(static_cast<double>(cpu_millis) / measured->cpus_per_dpu);
}

Usage UsageMeter::read(std::int64_t now_ms, const std::optional<Measurement>& measured) {
  measure(now_ms, measured);
  const auto elapsed_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms - began_ms_, 1));
  const std::uint64_t dpu_millis = std::max(elapsed_ms * dpus_, cpu_dpu_millis_);
  return {executor_id_,    finished_dpu_millis_ + dpu_millis,
          calculation_id_, dpu_millis,
          cpu_millis_,     peak_milli_cpus_,
          peak_memory_mib_};
}

Usage UsageMeter::finish(std::int64_t now_ms, const std::optional<Measurement>& measured) {
  Usage usage = read(now_ms, measured);
  finished_dpu_millis_ = usage.total_dpu_millis;
  return usage;
}

}  // namespace glaux::plugins
