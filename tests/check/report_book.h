#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "plugins/protocol/reports.h"

namespace glaux::plugins::check {

// The reports of one session: numbered, spooled, kept until they are acknowledged.
class ReportBook {
 public:
  ReportBook();
  ~ReportBook();

  void append(decltype(Report::what) what);
  std::vector<Report> from(std::uint64_t number) const;
  void acknowledge(std::uint64_t through);

  std::uint64_t last() const { return last_; }
  std::uint64_t acknowledgedThrough() const { return acknowledged_; }

  std::function<void()> on_change = [] {};

 private:
  void spool(const Report& report) const;

  int spool_fd_;
  std::uint64_t last_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::deque<Report> reports_;
};

}  // namespace glaux::plugins::check
