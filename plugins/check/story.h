#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "plugins/protocol/reports.h"

// Reports as a case looks at them.
namespace glaux::plugins::check {

// The reports in words, one line each, so that an order can be written down:
//
//     "COORDINATOR CREATING", "sessionReady", "started c1", "finished c1 completed",
//     "kernelDied", "ended clean"
//
// Without progress and usage, which come when they come, and without gateways and workers.
std::vector<std::string> storyOf(const std::vector<Report>& reports);

// What a session says first and, after a death, again.
std::vector<std::string> storyOfAStart();

std::vector<std::uint64_t> numbersOf(const std::vector<Report>& reports);

template <typename What>
std::vector<What> all(const std::vector<Report>& reports) {
  std::vector<What> found;
  for (const Report& report : reports) {
    if (const What* what = std::get_if<What>(&report.what)) found.push_back(*what);
  }
  return found;
}

// Every `Usage`, those of `calculationFinished` included.
std::vector<Usage> usagesIn(const std::vector<Report>& reports);

const char* nameOf(Outcome outcome);
const char* nameOf(Ending ending);

// Throws `Failed` with the first rule of `Report` in executor.capnp that these break. They begin
// with the session.
void expectContractOrder(const std::vector<Report>& reports);

// Numbers that follow each other, from `first` on.
void expectNumbersFrom(std::uint64_t first, const std::vector<Report>& reports);

void expectTotalsNeverDecrease(const std::vector<Report>& reports);

}  // namespace glaux::plugins::check
