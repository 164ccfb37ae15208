#include "config/option_table.h"

#include <algorithm>

#include "config/endpoint.h"
#include "config/nearest.h"

namespace glaux::config {
namespace {

using std::optional;
using std::string;
using std::string_view;

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

template <typename Predicate>
bool madeOf(const string& value, Predicate predicate) {
  return !value.empty() && std::all_of(value.begin(), value.end(), predicate);
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || isDigit(c); }
bool isNameCharacter(char c) { return isLowerOrDigit(c) || c == '-'; }

// ---- What can be wrong with a text. nullopt: nothing.

optional<string> listenFault(const string& value) {
  const auto endpoint = parseEndpoint(value);
  if (!endpoint) return endpoint.error();
  if (isLoopback(*endpoint)) return std::nullopt;
  return "other machines could reach it, and signatures of requests are not verified yet";
}

optional<string> emptyFault(const string& value) {
  if (!value.empty()) return std::nullopt;
  return "it is empty";
}

optional<string> nameFault(const string& value) {
  if (madeOf(value, isNameCharacter)) return std::nullopt;
  return "it has other characters or is empty";
}

optional<string> kernelFault(const string& value) {
  const auto allowed = [](char c) {
    return isNameCharacter(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_';
  };
  if (madeOf(value, allowed)) return std::nullopt;
  return "it has other characters or is empty";
}

optional<string> accountFault(const string& value) {
  if (value.size() == 12 && madeOf(value, isDigit)) return std::nullopt;
  return "it does not have 12 digits";
}

optional<string> bucketFault(const string& value) {
  const auto allowed = [](char c) { return isNameCharacter(c) || c == '.'; };
  if (value.size() < 3 || value.size() > 63) return "its length is not 3 to 63";
  if (!madeOf(value, allowed)) return "it has other characters";
  if (!isLowerOrDigit(value.front()) || !isLowerOrDigit(value.back())) {
    return "it begins or ends with neither a letter nor a digit";
  }
  return std::nullopt;
}

optional<string> levelFault(const string& value) {
  for (const string_view level :
       {"trace", "debug", "info", "warning", "error", "critical", "off"}) {
    if (value == level) return std::nullopt;
  }
  return "it is none of them";
}

constexpr string_view kDirectory = "DIR";
constexpr string_view kNumber = "N";
constexpr string_view kSwitch = "true|false";

constexpr Setting kSettings[] = {
    {.name = "listen",
     .placeholder = "HOST:PORT",
     .member = +[](Options& o) -> string& { return o.listen; },
     .allowed = "HOST:PORT on this machine's loopback: 127.0.0.1, [::1] or localhost",
     .fault = listenFault,
     .help = "Where the API and the stored results are served. Port 0 lets the system choose; the "
             "daemon logs the port it got."},
    {.name = "state_dir",
     .placeholder = kDirectory,
     .member = +[](Options& o) -> string& { return o.state_dir; },
     .allowed = "a directory",
     .fault = emptyFault,
     .help = "Everything the daemon keeps: the journal, the sessions' directories, the results. "
             "One daemon at a time may use it."},
    {.name = "executor_dir",
     .placeholder = kDirectory,
     .member = +[](Options& o) -> string& { return o.executor_dir; },
     .allowed = "a directory, or nothing",
     .help = "Where executor plugins are found, each in a directory of its own with its manifest. "
             "Empty means ../executors beside the daemon's binary."},
    {.name = "region",
     .placeholder = "NAME",
     .member = +[](Options& o) -> string& { return o.region; },
     .allowed = "lower-case letters, digits and '-'",
     .fault = nameFault,
     .help = "The region the daemon claims to be in; part of the ARNs it makes."},
    {.name = "account",
     .placeholder = "DIGITS",
     .member = +[](Options& o) -> string& { return o.account; },
     .allowed = "12 digits",
     .fault = accountFault,
     .help = "The account the daemon claims to serve; part of the ARNs it makes."},

    {.name = "objects.bucket",
     .placeholder = "NAME",
     .member = +[](Options& o) -> string& { return o.objects.bucket; },
     .allowed = "3 to 63 lower-case letters, digits, '.' and '-'",
     .fault = bucketFault,
     .help = "The bucket that takes results when a workgroup names no output location."},
    {.name = "objects.dir",
     .placeholder = kDirectory,
     .member = +[](Options& o) -> string& { return o.objects.dir; },
     .allowed = "a directory, or nothing",
     .help = "Where buckets and their objects lie. Empty means objects in state_dir."},

    {.name = "http.max_body_bytes",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.http.max_body_bytes; },
     .range = {1 * kMiB, 1024 * kMiB},
     .help = "The largest request body. The longest code block may need 800 KiB once escaped as "
             "JSON."},
    {.name = "http.max_header_bytes",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.http.max_header_bytes; },
     .range = {4 * kKiB, 1 * kMiB},
     .help = "The largest request head: request line and headers."},
    {.name = "http.max_connections",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.http.max_connections; },
     .range = {1, 65'536},
     .help = "Connections open at the same time; further ones are closed."},
    {.name = "http.idle_timeout_s",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.http.idle_timeout_s; },
     .range = {1, 3600},
     .help = "Seconds a connection may stay open without a request."},
    {.name = "http.request_timeout_s",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.http.request_timeout_s; },
     .range = {1, 3600},
     .help = "Seconds a client may take to send one request."},

    {.name = "capacity.dpus",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.capacity.dpus; },
     .range = {2, 1'000'000},
     .reload = Reload::kLive,
     .help = "DPUs this node has to give. A session that asks for more than are free is refused. "
             "One DPU stands for 4 cores and 16 GB; nothing enforces it."},

    {.name = "session.default_dpus",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.session.default_dpus; },
     .range = {2, 5000},
     .reload = Reload::kLive,
     .help = "DPUs of a session whose request names no MaxConcurrentDpus."},
    {.name = "session.idle_timeout_minutes",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.session.idle_timeout_minutes; },
     .range = {1, 480},
     .reload = Reload::kLive,
     .help = "Minutes without a calculation after which a session ends, when its request names no "
             "SessionIdleTimeoutInMinutes."},
    {.name = "session.start_timeout_s",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.session.start_timeout_s; },
     .range = {1, 3600},
     .reload = Reload::kLive,
     .help = "Seconds a session may take to become IDLE before it is FAILED."},
    {.name = "session.terminate_grace_ms",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.session.terminate_grace_ms; },
     .range = {0, 600'000},
     .reload = Reload::kLive,
     .help = "Milliseconds a session's processes may take to end before they are killed."},
    {.name = "session.degraded_timeout_s",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.session.degraded_timeout_s; },
     .range = {1, 86'400},
     .reload = Reload::kLive,
     .help =
         "Seconds a session whose executor or container engine is out of reach may stay DEGRADED "
         "before it is FAILED."},
    {.name = "session.kernel_restarts",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.session.kernel_restarts; },
     .range = {0, 1000},
     .help = "How often within ten minutes a session whose kernel died goes on with a fresh one, "
             "without its variables. The next death makes it FAILED; with 0 the first one does. "
             "Holds for sessions that start from now on."},

    {.name = "calculation.interrupt_grace_ms",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.calculation.interrupt_grace_ms; },
     .range = {0, 600'000},
     .reload = Reload::kLive,
     .help = "Milliseconds interrupted code may take to stop before its kernel is killed, and with "
             "it the session's variables."},
    {.name = "calculation.max_queued",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.calculation.max_queued; },
     .range = {1, 10'000},
     .reload = Reload::kLive,
     .help = "Calculations that may wait for one session, in workgroups whose "
             "AdditionalConfiguration says {\"CalculationMode\":\"queue\"}. More are refused."},

    {.name = "executor.default",
     .placeholder = "NAME",
     .member = +[](Options& o) -> string& { return o.executor.default_executor; },
     .allowed = "lower-case letters, digits and '-'",
     .fault = nameFault,
     .help = "The executor plugin that runs sessions."},
    {.name = "executor.kernel",
     .placeholder = "NAME",
     .member = +[](Options& o) -> string& { return o.executor.kernel; },
     .allowed = "letters, digits, '.', '_' and '-'",
     .fault = kernelFault,
     .help = "The Jupyter kernelspec that sessions run."},
    {.name = "executor.concurrent_launches",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.executor.concurrent_launches; },
     .range = {1, 256},
     .help = "Sessions that start at the same time; further ones wait in CREATING."},
    {.name = "executor.lease_s",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.executor.lease_s; },
     .range = {0, 30 * 24 * 3600},
     .help =
         "Seconds sessions go on while glauxd is not running; it adopts them when it is back. 0: "
         "they end with it. Holds for sessions that start from now on."},

    {.name = "journal.snapshot_records",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.journal.snapshot_records; },
     .range = {10, 1'000'000'000},
     .help = "Records between snapshots. A start replays at most about so many."},
    {.name = "journal.head_interval_ms",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.journal.head_interval_ms; },
     .range = {10, 1000},
     .help = "Milliseconds the journal's head file may lag behind. A journal that lost its tail is "
             "noticed at the next start if the tail was older than this."},
    {.name = "journal.min_free_mib",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.journal.min_free_mib; },
     .range = {0, 1'000'000},
     .help = "MiB that must be free on the state directory's disk. With less, commands are refused "
             "and reads go on; the rest of the disk is left to what executors report."},

    {.name = "idempotency.retention_minutes",
     .placeholder = kNumber,
     .member = +[](Options& o) -> std::int64_t& { return o.idempotency.retention_minutes; },
     .range = {70, 525'600},
     .help = "Minutes for which a ClientRequestToken is remembered."},

    {.name = "audit.reads",
     .placeholder = kSwitch,
     .member = +[](Options& o) -> bool& { return o.audit.reads; },
     .reload = Reload::kLive,
     .help = "Whether requests that only read are recorded in the journal too."},

    {.name = "log.level",
     .placeholder = "LEVEL",
     .member = +[](Options& o) -> string& { return o.log.level; },
     .allowed = "one of trace, debug, info, warning, error, critical, off",
     .fault = levelFault,
     .reload = Reload::kLive,
     .help = "The least severe log lines that are written."},
};

// The name in lower case with '-' for every separator, without the prefixes of flags and variables.
string normalized(string_view name) {
  string text;
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    text += c == '.' || c == '_' ? '-' : is_upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (text.starts_with("glaux-")) text.erase(0, 6);
  text.erase(0, std::min(text.find_first_not_of('-'), text.size()));
  return text;
}

string inQuotes(string_view text) {
  string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::span<const Setting> settings() { return kSettings; }

const Setting* findSetting(string_view name) {
  for (const Setting& setting : kSettings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

const Setting* nearestSetting(string_view mistyped) {
  std::vector<string> names;
  for (const Setting& setting : kSettings) names.push_back(normalized(setting.name));
  const auto found = nearest(normalized(mistyped), names);
  return found ? &kSettings[*found] : nullptr;
}

string flagOf(const Setting& setting) { return "--" + normalized(setting.name); }

string variableOf(const Setting& setting) {
  string text = "GLAUX_";
  for (const char c : setting.name) {
    const bool is_lower = c >= 'a' && c <= 'z';
    text += c == '.' ? '_' : is_lower ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

string allowedText(const Setting& setting) {
  if (std::holds_alternative<SwitchMember>(setting.member)) return "true or false";
  if (std::holds_alternative<TextMember>(setting.member)) return string(setting.allowed);
  return "a whole number from " + std::to_string(setting.range.min) + " to " +
         std::to_string(setting.range.max);
}

string valueText(const Setting& setting, const Options& options) {
  Options copy = options;  // members are reached through accessors that could also write
  if (const auto* text = std::get_if<TextMember>(&setting.member)) return inQuotes((*text)(copy));
  if (const auto* number = std::get_if<NumberMember>(&setting.member)) {
    return std::to_string((*number)(copy));
  }
  return std::get<SwitchMember>(setting.member)(copy) ? "true" : "false";
}

Options reload(const Options& running, const Options& fresh, std::vector<string>& need_restart) {
  Options result = running;
  Options source = fresh;
  for (const Setting& setting : kSettings) {
    if (valueText(setting, running) == valueText(setting, fresh)) continue;
    if (setting.reload == Reload::kAtRestart) {
      need_restart.emplace_back(setting.name);
      continue;
    }
    std::visit([&](auto member) { member(result) = member(source); }, setting.member);
  }
  result.executors = std::move(source.executors);
  result.engines = std::move(source.engines);
  return result;
}

}  // namespace glaux::config
