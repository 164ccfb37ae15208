#include "plugins/sdk/process_label.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace glaux::plugins {
namespace {

namespace fs = std::filesystem;

// By the stream, which takes the end of the process meanwhile for the end of the file; its
// iterators would throw.
std::string readFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// proc(5). 0 for a process that has ended, a zombie included.
pid_t processSessionOf(const fs::path& process) {
  const std::string stat = readFile(process / "stat");
  const std::size_t end_of_comm = stat.rfind(')');
  if (end_of_comm == std::string::npos) return 0;
  char state = 0;
  int parent = 0, group = 0, session = 0;
  if (std::sscanf(stat.c_str() + end_of_comm + 1, " %c %d %d %d", &state, &parent, &group,
                  &session) != 4)
    return 0;
  return state == 'Z' || state == 'X' ? 0 : session;
}

bool carriesLabel(const fs::path& process, std::string_view session_id) {
  const std::string entry = std::string(kLabelVariable) + "=" + std::string(session_id);
  const std::string environment = '\0' + readFile(process / "environ");
  return environment.find('\0' + entry + '\0') != std::string::npos;
}

struct Process {
  pid_t pid;
  pid_t session;
  fs::path directory;
};

std::vector<Process> running() {
  std::vector<Process> found;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t session = processSessionOf(entry.path());
    const pid_t pid = std::stoi(name);
    if (session != 0 && pid != ::getpid()) found.push_back({pid, session, entry.path()});
  }
  return found;
}

}  // namespace

std::vector<pid_t> findLeftovers(std::string_view session_id, pid_t leader) {
  std::vector<pid_t> labelled;
  std::vector<pid_t> unlabelled_members;
  bool is_session_ours = false;
  for (const Process& process : running()) {
    const bool is_member = process.session == leader;
    if (carriesLabel(process.directory, session_id)) {
      labelled.push_back(process.pid);
      is_session_ours |= is_member;
    } else if (is_member) {
      unlabelled_members.push_back(process.pid);
    }
  }
  return is_session_ours && !unlabelled_members.empty() ? unlabelled_members : labelled;
}

std::vector<pid_t> membersOf(pid_t leader) {
  std::vector<pid_t> members;
  for (const Process& process : running()) {
    if (process.session == leader && process.pid != leader) members.push_back(process.pid);
  }
  return members;
}

void signalIf(pid_t pid, int signal, const std::function<bool()>& is_still_the_one) {
  const int held = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (held < 0) return;
  if (is_still_the_one()) ::syscall(SYS_pidfd_send_signal, held, signal, nullptr, 0);
  ::close(held);
}

}  // namespace glaux::plugins
