#include "plugins/sdk/session_record.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace glaux::plugins {
namespace {

using Json = nlohmann::json;

constexpr const char* kRecordFile = "session.json";
constexpr const char* kIdsFile = "calculations";

Json toJson(const SessionRecord::Running& running) {
  return {{"id", running.id},
          {"code", running.code},
          {"stdout", running.output.stdout_path.string()},
          {"stderr", running.output.stderr_path.string()},
          {"result", running.output.result_path.string()},
          {"begun", running.begun},
          {"stop_requested", running.stop_requested},
          {"killed", running.killed}};
}

SessionRecord::Running toRunning(const Json& json) {
  SessionRecord::Running running;
  running.id = json.at("id");
  running.code = json.at("code");
  running.output = {json.at("stdout").get<std::string>(), json.at("stderr").get<std::string>(),
                    json.at("result").get<std::string>()};
  running.begun = json.at("begun");
  running.stop_requested = json.at("stop_requested");
  running.killed = json.at("killed");
  return running;
}

}  // namespace

tl::expected<SessionRecord, Error> SessionRecordFile::load() const {
  SessionRecord record;
  std::ifstream in(directory_ / kRecordFile, std::ios::binary);
  try {
    const Json json = Json::parse(in);
    record.is_ready = json.at("ready");
    record.termination_reason = json.at("termination_reason");
    record.usage = {json.at("finished_dpu_millis"), json.at("began_ms"),
                    json.at("began_cpu_millis")};
    if (json.contains("running")) record.running = toRunning(json.at("running"));
  } catch (const Json::exception& e) {
    return tl::make_unexpected(
        Error{"The record of the session cannot be read: " + std::string(e.what())});
  }
  std::ifstream ids(directory_ / kIdsFile);
  for (std::string id; std::getline(ids, id);) record.known_ids.insert(id);
  if (record.running) record.known_ids.insert(record.running->id);
  return record;
}

void SessionRecordFile::save(const SessionRecord& record) const {
  Json json = {{"ready", record.is_ready},
               {"termination_reason", record.termination_reason},
               {"finished_dpu_millis", record.usage.finished_dpu_millis},
               {"began_ms", record.usage.began_ms},
               {"began_cpu_millis", record.usage.began_cpu_millis}};
  if (record.running) json["running"] = toJson(*record.running);
  const auto temporary = directory_ / (std::string(kRecordFile) + ".new");
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out << json.dump(-1, ' ', false, Json::error_handler_t::replace);
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(temporary, directory_ / kRecordFile, failed);
  if (!out || failed) std::fprintf(stderr, "the record of the session cannot be written\n");
}

void SessionRecordFile::addId(const std::string& calculation_id) const {
  std::ofstream(directory_ / kIdsFile, std::ios::app) << calculation_id << '\n';
}

}  // namespace glaux::plugins
