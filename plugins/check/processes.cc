#include "plugins/check/processes.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace glaux::plugins::check {
namespace {

namespace fs = std::filesystem;

fs::path directoryOf(pid_t pid) { return fs::path("/proc") / std::to_string(pid); }

// As far as it can be read: a process may end between the opening and the reading, and then only a
// stream's own operator does not throw.
std::string contentOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

struct Stat {
  char state = 'X';
  pid_t parent = 0;
  pid_t session = 0;
  long ticks = 0;
};

// proc(5): behind the name, which may hold anything, come state, ppid, pgrp, session; utime, stime,
// cutime and cstime are the fields 14 to 17.
std::optional<Stat> statOf(pid_t pid) {
  const std::string text = contentOf(directoryOf(pid) / "stat");
  const std::size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(end_of_name + 1));
  Stat stat;
  pid_t group = 0;
  fields >> stat.state >> stat.parent >> group >> stat.session;
  std::string skipped;
  for (int field = 7; field < 14; ++field) fields >> skipped;
  for (int field = 14; field < 18; ++field) {
    long ticks = 0;
    fields >> ticks;
    stat.ticks += ticks;
  }
  if (stat.state == 'Z' || stat.state == 'X') return std::nullopt;
  return stat;
}

template <typename Condition>
std::vector<pid_t> processesWith(Condition condition) {
  std::vector<pid_t> found;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t pid = std::stoi(name);
    const auto stat = statOf(pid);
    if (stat && condition(pid, *stat)) found.push_back(pid);
  }
  return found;
}

}  // namespace

bool isRunning(pid_t pid) { return statOf(pid).has_value(); }

std::vector<pid_t> labelledProcesses(std::string_view session_id) {
  const std::string entry = '\0' + ("GLAUX_SESSION_ID=" + std::string(session_id)) + '\0';
  return processesWith([&](pid_t pid, const Stat&) {
    return ('\0' + environmentOf(pid)).find(entry) != std::string::npos;
  });
}

std::vector<pid_t> membersOf(pid_t leader) {
  return processesWith(
      [&](pid_t pid, const Stat& stat) { return stat.session == leader && pid != leader; });
}

std::vector<pid_t> childrenOf(pid_t parent) {
  return processesWith([&](pid_t, const Stat& stat) { return stat.parent == parent; });
}

std::string commandLineOf(pid_t pid) { return contentOf(directoryOf(pid) / "cmdline"); }

std::string environmentOf(pid_t pid) { return contentOf(directoryOf(pid) / "environ"); }

std::vector<std::string> descriptorsOf(pid_t pid) {
  std::vector<std::string> found;
  std::error_code error;
  fs::directory_iterator it(directoryOf(pid) / "fd", error), end;
  for (; !error && it != end; it.increment(error)) {
    std::error_code gone;
    const fs::path target = fs::read_symlink(it->path(), gone);
    if (!gone) found.push_back(target.string());
  }
  return found;
}

std::string descriptorOf(pid_t pid, int fd) {
  std::error_code gone;
  return fs::read_symlink(directoryOf(pid) / "fd" / std::to_string(fd), gone).string();
}

std::chrono::milliseconds processorTimeOf(pid_t pid) {
  const auto stat = statOf(pid);
  return std::chrono::milliseconds(stat ? stat->ticks * 1000 / ::sysconf(_SC_CLK_TCK) : 0);
}

bool isStopped(pid_t pid) {
  const auto stat = statOf(pid);
  return stat && stat->state == 'T';
}

}  // namespace glaux::plugins::check
