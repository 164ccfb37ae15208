#include "plugins/sdk/cleanup.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#include "plugins/protocol/process_identity.h"
#include "plugins/sdk/process_label.h"

namespace glaux::plugins {
namespace {

constexpr int kNothingIsLeft = 0;
constexpr int kSomethingIsLeft = 1;
constexpr int kRefused = 2;

// A process that was killed is gone within this time, on a machine that has time for it.
constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::milliseconds kPollInterval{10};

bool contains(const std::vector<pid_t>& pids, pid_t pid) {
  return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

// Asks `find` what there is and kills it, until there is nothing. False if that does not come true.
template <typename Find>
bool endAll(Find find) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::vector<pid_t> told;
  for (std::vector<pid_t> left = find(); !left.empty(); left = find()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    for (const pid_t pid : left) {
      signalIf(pid, SIGKILL, [&] { return contains(find(), pid); });
      if (contains(told, pid)) continue;
      std::printf("killed process %d\n", pid);
      told.push_back(pid);
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return true;
}

// It is stopped first, so that it does not answer the death of its kernel with a fresh one; and as
// long as it is there, its process session is no stranger's.
bool endExecutor(const ProcessIdentity& identity) {
  const auto pid = static_cast<pid_t>(identity.pid);
  signalIf(pid, SIGSTOP, [&] { return isAlive(identity); });
  const bool is_alone = endAll([&] {
    return isAlive(identity) && ::getsid(pid) == pid ? membersOf(pid) : std::vector<pid_t>();
  });
  return is_alone &&
         endAll([&] { return isAlive(identity) ? std::vector<pid_t>{pid} : std::vector<pid_t>(); });
}

bool endWhatThePluginKnows(const Plugin& plugin) {
  if (!plugin.clean_up) return true;
  const auto ended = plugin.clean_up();
  if (!ended) {
    std::fprintf(stderr, "%s\n", ended.error().message.c_str());
    return false;
  }
  for (const std::string& line : *ended) std::printf("%s\n", line.c_str());
  return true;
}

}  // namespace

int cleanUp(const std::filesystem::path& session_directory, bool force, const Plugin& plugin) {
  if (::chdir(session_directory.c_str()) != 0) {
    std::fprintf(stderr, "%s: %s\n", session_directory.c_str(), std::strerror(errno));
    return kRefused;
  }
  const auto identity = readIdentity(".");
  if (!identity) {
    std::puts("no executor has ever begun here: nothing is left");
    return kNothingIsLeft;
  }
  if (isAlive(*identity) && !force) {
    std::fprintf(stderr,
                 "executor %u of session %s is alive. SIGTERM ends it in order, --force at once.\n",
                 identity->pid, identity->session_id.c_str());
    return kRefused;
  }
  bool is_done = !isAlive(*identity) || endExecutor(*identity);
  is_done &= endWhatThePluginKnows(plugin);
  if (isOfThisBoot(*identity)) {
    is_done &= endAll(
        [&] { return findLeftovers(identity->session_id, static_cast<pid_t>(identity->pid)); });
  }
  std::puts(is_done ? "nothing is left" : "something is left");
  return is_done ? kNothingIsLeft : kSomethingIsLeft;
}

}  // namespace glaux::plugins
