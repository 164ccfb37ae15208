#include "plugins/protocol/process_identity.h"

#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace glaux::plugins {
namespace {

std::string readFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  // By the stream, which takes the end of a process meanwhile for the end of its file; its
  // iterators would throw.
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string bootId() {
  std::string id = readFile("/proc/sys/kernel/random/boot_id");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

struct ProcessStat {
  char state = '?';
  std::uint64_t start_time_ticks = 0;
};

// proc(5): "pid (comm) state …", where comm may hold anything, also parentheses and spaces; the
// start time is the 22nd field, the 20th behind comm.
std::optional<ProcessStat> readStat(std::uint32_t pid) {
  const std::string stat = readFile("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t end_of_comm = stat.rfind(')');
  if (end_of_comm == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(end_of_comm + 1));
  ProcessStat result;
  fields >> result.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  if (!(fields >> result.start_time_ticks)) return std::nullopt;
  return result;
}

}  // namespace

tl::expected<void, Error> writeIdentity(const std::filesystem::path& session_directory,
                                        const std::string& session_id) {
  return writeIdentity(session_directory / "identity.json", static_cast<std::uint32_t>(::getpid()),
                       session_id);
}

tl::expected<void, Error> writeIdentity(const std::filesystem::path& file, std::uint32_t pid,
                                        const std::string& session_id) {
  const auto stat = readStat(pid);
  if (!stat) return tl::make_unexpected(Error{"/proc cannot be read"});
  const nlohmann::json identity = {{"pid", pid},
                                   {"start_time_ticks", stat->start_time_ticks},
                                   {"boot_id", bootId()},
                                   {"session", session_id}};
  auto temporary = file;
  temporary += ".new";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out << identity.dump() << '\n';
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(temporary, file, error);
  if (!out || error) return tl::make_unexpected(Error{file.string() + " cannot be written"});
  return {};
}

tl::expected<ProcessIdentity, Error> readIdentity(const std::filesystem::path& session_directory) {
  return readIdentityFile(session_directory / "identity.json");
}

tl::expected<ProcessIdentity, Error> readIdentityFile(const std::filesystem::path& file) {
  const auto json = nlohmann::json::parse(readFile(file), nullptr, /*allow_exceptions=*/false);
  try {
    return ProcessIdentity{json.at("pid"), json.at("start_time_ticks"), json.at("boot_id"),
                           json.at("session")};
  } catch (const nlohmann::json::exception&) {
    return tl::make_unexpected(Error{file.string() + " is missing or names no process"});
  }
}

bool isOfThisBoot(const ProcessIdentity& identity) { return identity.boot_id == bootId(); }

bool isAlive(const ProcessIdentity& identity) {
  if (!isOfThisBoot(identity)) return false;
  const auto stat = readStat(identity.pid);
  return stat && stat->start_time_ticks == identity.start_time_ticks && stat->state != 'Z' &&
         stat->state != 'X';
}

bool isOfAnother(const ProcessIdentity& identity) {
  if (identity.boot_id != bootId()) return true;
  const auto stat = readStat(identity.pid);
  return stat && stat->start_time_ticks != identity.start_time_ticks;
}

}  // namespace glaux::plugins
