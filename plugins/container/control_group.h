#pragma once

#include <cstdint>
#include <memory>
#include <optional>

namespace glaux::plugins {

// The counters of the control group that a process is in: of a container, when it is its first
// process. Version 2 (https://docs.kernel.org/admin-guide/cgroup-v2.html) or 1, whichever the
// machine has. They can be read for as long as the group exists, without the engine.
class ControlGroup {
 public:
  // Null if the process is gone.
  static std::unique_ptr<ControlGroup> of(int pid);
  ~ControlGroup();

  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  struct Counters {
    std::uint64_t cpu_millis = 0;
    std::uint64_t peak_memory_mib = 0;
    std::uint64_t out_of_memory_kills = 0;
  };
  // What cannot be read any more is as it was when it could.
  const Counters& read();

 private:
  ControlGroup(int cpu_fd, int memory_fd, int events_fd);

  int cpu_fd_;
  int memory_fd_;
  int events_fd_;
  Counters counters_;
};

}  // namespace glaux::plugins
