#include "daemon/ctl/check_report.h"

#include <cstdio>

namespace glaux::daemon {

void CheckReport::problem(const std::string& line) {
  ++tally_.problems;
  progress_.clear();
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void CheckReport::remark(const std::string& line) {
  progress_.clear();
  std::printf("remark: %s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace glaux::daemon
