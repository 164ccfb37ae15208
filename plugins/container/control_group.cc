#include "plugins/container/control_group.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace glaux::plugins {
namespace {

namespace fs = std::filesystem;

const fs::path kMount = "/sys/fs/cgroup";

bool lists(std::string_view controllers, std::string_view controller) {
  while (!controllers.empty()) {
    const std::string_view first = controllers.substr(0, controllers.find(','));
    if (first == controller) return true;
    controllers.remove_prefix(std::min(first.size() + 1, controllers.size()));
  }
  return false;
}

// The directory of the process's group for this controller, by the lines of /proc/<pid>/cgroup:
// "<number>:<controllers>:<path>", with no controllers for version 2. Empty if there is none.
fs::path directoryOf(int pid, std::string_view controller) {
  const bool is_version_2 = fs::exists(kMount / "cgroup.controllers");
  std::ifstream in("/proc/" + std::to_string(pid) + "/cgroup");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 2);
    if (is_version_2 && controllers.empty()) return kMount / path;
    if (is_version_2 || !lists(controllers, controller)) continue;
    for (const fs::path& mount : {kMount / controllers, kMount / controller}) {
      if (fs::exists(mount / path)) return mount / path;
    }
  }
  return {};
}

int openFirst(std::initializer_list<fs::path> files) {
  for (const fs::path& file : files) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) return fd;
  }
  return -1;
}

std::string contents(int fd) {
  char buffer[4096];
  const ssize_t size = fd < 0 ? 0 : ::pread(fd, buffer, sizeof(buffer), 0);
  return {buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

// Of "<name> <value>" lines.
std::optional<std::uint64_t> named(const std::string& text, const std::string& name) {
  const std::string padded = "\n" + text;
  const std::size_t found = padded.find("\n" + name + " ");
  if (found == std::string::npos) return std::nullopt;
  return std::strtoull(padded.c_str() + found + name.size() + 2, nullptr, 10);
}

std::optional<std::uint64_t> number(const std::string& text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  return std::strtoull(text.c_str(), nullptr, 10);
}

}  // namespace

std::unique_ptr<ControlGroup> ControlGroup::of(int pid) {
  const fs::path cpu = directoryOf(pid, "cpuacct");
  const fs::path memory = directoryOf(pid, "memory");
  if (cpu.empty() && memory.empty()) return nullptr;
  return std::unique_ptr<ControlGroup>(
      new ControlGroup(openFirst({cpu / "cpuacct.usage", cpu / "cpu.stat"}),
                       openFirst({memory / "memory.peak", memory / "memory.max_usage_in_bytes",
                                  memory / "memory.current"}),
                       openFirst({memory / "memory.events", memory / "memory.oom_control"})));
}

ControlGroup::ControlGroup(int cpu_fd, int memory_fd, int events_fd)
    : cpu_fd_(cpu_fd), memory_fd_(memory_fd), events_fd_(events_fd) {}

ControlGroup::~ControlGroup() {
  for (const int fd : {cpu_fd_, memory_fd_, events_fd_}) {
    if (fd >= 0) ::close(fd);
  }
}

const ControlGroup::Counters& ControlGroup::read() {
  const std::string cpu = contents(cpu_fd_);
  if (const auto microseconds = named(cpu, "usage_usec")) {
    counters_.cpu_millis = *microseconds / 1'000;
  } else if (const auto nanoseconds = number(cpu)) {
    counters_.cpu_millis = *nanoseconds / 1'000'000;
  }
  if (const auto bytes = number(contents(memory_fd_)))
    counters_.peak_memory_mib = std::max(counters_.peak_memory_mib, *bytes >> 20);
  if (const auto kills = named(contents(events_fd_), "oom_kill"))
    counters_.out_of_memory_kills = *kills;
  return counters_;
}

}  // namespace glaux::plugins
