#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plugins/protocol/reports.h"

namespace glaux::plugins {

// What an executor has measured of what runs its code, such as a container.
struct Measurement {
  std::uint64_t cpu_millis = 0;  // processor time of all cores, since whenever it began
  std::uint64_t peak_memory_mib = 0;
  double cpus_per_dpu = 1;
};

// Counts the DPU-milliseconds of one executor's calculations, which run one at a time: the time for
// which the session's DPUs were at work or, where processor time is measured and amounts to more,
// that. Times are milliseconds of any clock that never goes back.
class UsageMeter {
 public:
  UsageMeter(std::string executor_id, std::uint32_t dpus);

  // Where a meter stands that another is to go on from.
  struct Standing {
    std::uint64_t finished_dpu_millis = 0;
    std::int64_t began_ms = 0;
    std::uint64_t began_cpu_millis = 0;
  };
  Standing standing() const { return {finished_dpu_millis_, began_ms_, began_cpu_millis_}; }

  void begin(std::string calculation_id, std::int64_t now_ms,
             const std::optional<Measurement>& measured = {});

  // With a calculation that another meter had begun with, or with none if the id is empty.
  void goOn(const Standing& standing, std::string calculation_id, std::int64_t now_ms);

  // Totals up to now of the calculation that began last. One that began has cost a millisecond.
  Usage read(std::int64_t now_ms, const std::optional<Measurement>& measured = {});

  // The calculation's final totals; the executor's go on from here.
  Usage finish(std::int64_t now_ms, const std::optional<Measurement>& measured = {});

 private:
  void measure(std::int64_t now_ms, const std::optional<Measurement>& measured);

  const std::string executor_id_;
  const std::uint32_t dpus_;
  std::uint64_t finished_dpu_millis_ = 0;
  std::string calculation_id_;
  std::int64_t began_ms_ = 0;

  // Of the present calculation, but for the memory.
  std::uint64_t began_cpu_millis_ = 0;
  std::uint64_t cpu_millis_ = 0;
  std::uint64_t cpu_dpu_millis_ = 0;
  std::uint32_t peak_milli_cpus_ = 0;
  std::int64_t measured_at_ms_ = 0;
  std::uint64_t peak_memory_mib_ = 0;
};

}  // namespace glaux::plugins
