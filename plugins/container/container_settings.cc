#include "plugins/container/container_settings.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

namespace glaux::plugins {
namespace {

using Json = nlohmann::json;
using Settings = std::map<std::string, std::string>;

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;

std::string textOf(const Settings& settings, const std::string& name) {
  const auto found = settings.find(name);
  return found == settings.end() ? "" : found->second;
}

Error wrong(const std::string& name, const std::string& value, const std::string& allowed) {
  return Error{"Setting " + name + " of executor container is \"" + value + "\"; it has to be " +
               allowed + "."};
}

template <typename Number>
bool readNumber(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// Collects the first thing that is wrong.
class Reader {
 public:
  explicit Reader(const Settings& settings) : settings_(settings) {}

  template <typename Number>
  void number(const std::string& name, Number& into) {
    const std::string value = textOf(settings_, name);
    if (!readNumber(value, into) || into <= 0) fail(wrong(name, value, "a number above 0"));
  }

  void text(const std::string& name, std::string& into) {
    into = textOf(settings_, name);
    if (into.empty()) fail(wrong(name, into, "given"));
  }

  void pull(ContainerSettings::Pull& into) {
    using Pull = ContainerSettings::Pull;
    const std::string value = textOf(settings_, "pull");
    const std::map<std::string, Pull> policies = {
        {"missing", Pull::kMissing}, {"always", Pull::kAlways}, {"never", Pull::kNever}};
    const auto policy = policies.find(value);
    if (policy == policies.end())
      return fail(wrong("pull", value, "\"missing\", \"always\" or \"never\""));
    into = policy->second;
  }

  // Somebody who is not root cannot give files away, so the kernel is the same user.
  void user(std::uint32_t& uid, std::uint32_t& gid) {
    uid = ::geteuid();
    gid = ::getegid();
    if (uid != 0) return;
    const std::string value = textOf(settings_, "user");
    const std::size_t colon = value.find(':');
    if (colon == std::string::npos || !readNumber(value.substr(0, colon), uid) ||
        !readNumber(value.substr(colon + 1), gid) || uid == 0)
      fail(wrong("user", value, "two numbers, UID:GID, and not root's"));
  }

  std::optional<Error> error;

 private:
  void fail(Error first) {
    if (!error) error = std::move(first);
  }

  const Settings& settings_;
};

Json limitOf(const char* name, std::uint64_t most) {
  return {{"Name", name}, {"Soft", most}, {"Hard", most}};
}

}  // namespace

tl::expected<ContainerSettings, Error> ContainerSettings::read(const Settings& settings) {
  ContainerSettings result;
  Reader reader(settings);
  reader.text("socket", result.socket);
  reader.text("image", result.image);
  reader.pull(result.pull);
  reader.text("command", result.command);
  reader.text("network", result.network);
  reader.user(result.uid, result.gid);
  reader.number("dpu-vcpus", result.dpu_cpus);
  reader.number("dpu-memory-mib", result.dpu_memory_mib);
  reader.number("pids", result.pids);
  reader.number("tmp-mib", result.tmp_mib);
  reader.number("open-files", result.open_files);
  reader.number("user-processes", result.user_processes);
  if (reader.error) return tl::make_unexpected(*reader.error);
  return result;
}

Limits limitsOf(const ContainerSettings& settings, std::uint32_t dpus) {
  const auto cpus = static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
  const std::uint64_t memory_mib = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                                   static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / kMebibyte;
  return {std::min(settings.dpu_cpus * dpus, cpus),
          std::min(settings.dpu_memory_mib * dpus, memory_mib)};
}

std::string specificationOf(const ContainerPlan& plan, const std::vector<std::string>& argv) {
  const ContainerSettings& settings = plan.settings;
  std::vector<std::string> environment;
  for (const auto& [name, value] : plan.environment) environment.push_back(name + "=" + value);
  const std::uint64_t memory = plan.limits.memory_mib * kMebibyte;
  const Json mount = {{"Type", "bind"}, {"Source", plan.shared}, {"Target", kSharedInside}};
  const Json host = {
      {"NetworkMode", settings.network},
      {"ReadonlyRootfs", true},
      {"Tmpfs", {{"/tmp", "rw,mode=1777,size=" + std::to_string(settings.tmp_mib) + "m"}}},
      {"Mounts", Json::array({mount})},
      {"CapDrop", Json::array({"ALL"})},
      // The engine's seccomp profile comes with it.
      {"SecurityOpt", Json::array({"no-new-privileges"})},
      {"PidsLimit", settings.pids},
      {"Memory", memory},
      {"MemorySwap", memory},
      {"NanoCpus", static_cast<std::int64_t>(plan.limits.cpus * 1e9)},
      // Passes signals on and reaps what code leaves behind, which kernels do not.
      {"Init", true},
      {"Ulimits", Json::array({limitOf("nofile", settings.open_files),
                               limitOf("nproc", settings.user_processes)})}};
  const Json specification = {
      {"Image", settings.image},
      {"Entrypoint", Json::array()},
      {"Cmd", argv},
      {"User", std::to_string(settings.uid) + ":" + std::to_string(settings.gid)},
      {"WorkingDir", std::string(kSharedInside) + "/work"},
      {"Env", environment},
      {"Labels",
       {{kSessionLabel, plan.bootstrap.session_id}, {kInstanceLabel, plan.bootstrap.instance_id}}},
      {"NetworkDisabled", settings.network == "none"},
      {"HostConfig", host}};
  return specification.dump();
}

}  // namespace glaux::plugins
