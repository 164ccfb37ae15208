#include "daemon/executors/leftovers.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <variant>

#include "plugins/protocol/process_identity.h"
#include "plugins/protocol/spool.h"

namespace glaux::daemon {
namespace {

constexpr std::chrono::milliseconds kPollInterval{10};
constexpr int kKillRounds = 200;
constexpr const char* kPluginNameFile = "executor";

// What an executor does first takes milliseconds, on a machine that has time for it.
constexpr std::chrono::steady_clock::duration kIdentityGrace = std::chrono::seconds(5);

bool isNumber(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

// The session a process belongs to, by proc(5); 0 when it has gone or is a zombie.
int processSessionOf(const std::filesystem::path& process) {
  std::ifstream file(process / "stat");
  std::string line;
  std::getline(file, line);
  auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  char state = 0;
  int parent = 0, group = 0, session = 0;
  if (std::sscanf(line.c_str() + name_end + 1, " %c %d %d %d", &state, &parent, &group, &session) !=
      4)
    return 0;
  return state == 'Z' || state == 'X' ? 0 : session;
}

std::vector<int> membersOf(int leader_pid) {
  std::vector<int> members;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    std::string name = entry.path().filename().string();
    if (isNumber(name) && processSessionOf(entry.path()) == leader_pid)
      members.push_back(std::stoi(name));
  }
  return members;
}

bool hasEnded(const std::vector<plugins::Report>& reports) {
  return !reports.empty() && std::holds_alternative<plugins::SessionEnded>(reports.back().what);
}

// Counted from the last change in the directory: of one that has long been as it is, nobody comes
// any more.
std::chrono::steady_clock::duration graceLeft(const std::filesystem::path& directory) {
  std::error_code failed;
  auto changed = std::filesystem::last_write_time(directory, failed);
  if (failed) return {};
  std::chrono::steady_clock::duration age = std::filesystem::file_time_type::clock::now() - changed;
  return std::clamp(kIdentityGrace - age, {}, kIdentityGrace);
}

// Nothing if nobody has written one in time: then nobody is there, or will find the directory gone.
std::optional<plugins::ProcessIdentity> awaitIdentity(const std::filesystem::path& directory) {
  auto deadline = std::chrono::steady_clock::now() + graceLeft(directory);
  while (true) {
    if (auto identity = plugins::readIdentity(directory)) return *identity;
    if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(kPollInterval);
  }
}

// What runs in the process session (setsid) that the executor led. Its pid is not given again as
// long as that has members; a process that has it now and is another one shows that it had none
// left, and that what is in a session of that number is somebody else's.
void endProcessSession(const plugins::ProcessIdentity& leader) {
  for (int round = 0; round < kKillRounds; ++round) {
    if (plugins::isOfAnother(leader)) return;
    std::vector<int> members = membersOf(static_cast<int>(leader.pid));
    if (members.empty()) return;
    for (int pid : members) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(kPollInterval);
  }
}

}  // namespace

void endProcesses(const std::filesystem::path& session_directory, int grace_ms) {
  auto identity = awaitIdentity(session_directory);
  if (!identity) return;
  auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(grace_ms);
  while (plugins::isAlive(*identity) && !hasEnded(spooledReports(session_directory)) &&
         std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(kPollInterval);
  endProcessSession(*identity);
}

std::vector<plugins::Report> spooledReports(const std::filesystem::path& session_directory) {
  return plugins::readSpool(session_directory).value_or(std::vector<plugins::Report>{});
}

tl::expected<void, Error> leavePluginName(const std::filesystem::path& session_directory,
                                          const std::string& name) {
  const auto path = session_directory / kPluginNameFile;
  std::ofstream file(path);
  file << name << '\n' << std::flush;
  if (!file) return tl::unexpected(Error{"cannot write " + path.string()});
  return {};
}

std::string readPluginName(const std::filesystem::path& session_directory) {
  std::ifstream file(session_directory / kPluginNameFile);
  std::string name;
  std::getline(file, name);
  return name;
}

}  // namespace glaux::daemon
