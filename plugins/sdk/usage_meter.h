#pragma once

#include <cstdint>
#include <string>

#include "plugins/protocol/reports.h"

namespace glaux::plugins {

// Counts the DPU-milliseconds of one executor's calculations, which run one at a time. Times are
// milliseconds of any clock that never goes back.
class UsageMeter {
 public:
  UsageMeter(std::string executor_id, std::uint32_t dpus);

  void begin(std::string calculation_id, std::int64_t now_ms);

  // Totals up to now of the calculation that began last. One that began has cost a millisecond.
  Usage read(std::int64_t now_ms) const;

  // The calculation's final totals; the executor's go on from here.
  Usage finish(std::int64_t now_ms);

 private:
  const std::string executor_id_;
  const std::uint32_t dpus_;
  std::uint64_t finished_dpu_millis_ = 0;
  std::string calculation_id_;
  std::int64_t began_ms_ = 0;
};

}  // namespace glaux::plugins
