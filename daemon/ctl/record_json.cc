#include "daemon/ctl/record_json.h"

#include <nlohmann/json.hpp>

#include "daemon/ctl/event_json.h"
#include "daemon/ctl/time_text.h"

namespace glaux::daemon {
namespace {

using Json = nlohmann::ordered_json;

// Deeper requests are shown as text: writing JSON recurses.
constexpr int kDepthMax = 100;

const char* nameOf(core::Source source) {
  switch (source) {
    case core::Source::kApi:
      return "api";
    case core::Source::kExecutor:
      return "executor";
    case core::Source::kDeadline:
      return "deadline";
    case core::Source::kDaemon:
      return "daemon";
  }
  return "";
}

Json begin(const journal::Record& record) {
  return {{"sequence", record.sequence}, {"time", timeText({record.time_ms})}};
}

void addText(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}

void addText(Json& json, const char* name, const std::optional<std::string>& text) {
  if (text) json[name] = *text;
}

Json requestJson(const std::string& request) {
  bool is_too_deep = false;
  auto watchDepth = [&](int depth, Json::parse_event_t, Json&) {
    is_too_deep |= depth > kDepthMax;
    return !is_too_deep;
  };
  Json parsed = Json::parse(request, watchDepth, false);
  return is_too_deep || parsed.is_discarded() ? Json(request) : parsed;
}

Json rejectionJson(const core::RejectionText& rejection) {
  const auto& [type, message, athena_error_code, resource_name, reason] = rejection;
  Json json = {{"type", type}, {"message", message}};
  addText(json, "athenaErrorCode", athena_error_code);
  addText(json, "resourceName", resource_name);
  addText(json, "reason", reason);
  return json;
}

Json eventsJson(const std::vector<core::Event>& events) {
  Json list = Json::array();
  for (const core::Event& event : events) list.push_back(toJson(event));
  return list;
}

}  // namespace

Json toJson(const journal::Record& record, const core::RecordBody& body,
            const tl::expected<std::string, std::string>& request) {
  Json json = begin(record);
  json["source"] = nameOf(body.source);
  addText(json, "principal", body.principal);
  addText(json, "requestId", body.request_id);
  json["operation"] = body.operation;
  if (!request) {
    json["requestError"] = request.error();
  } else if (!request->empty()) {
    json["request"] = requestJson(*request);
  }
  if (body.outcome) {
    json["events"] = eventsJson(*body.outcome);
  } else {
    json["rejection"] = rejectionJson(body.outcome.error());
  }
  json["leafHash"] = record.leaf_hash.hex();
  return json;
}

Json unreadableToJson(const journal::Record& record, const std::string& reason) {
  Json json = begin(record);
  json["kind"] = record.kind;
  json["version"] = record.version;
  json["skippable"] = record.skippable;
  json["payloadBytes"] = record.payload.size();
  json["unreadable"] = reason;
  json["leafHash"] = record.leaf_hash.hex();
  return json;
}

std::string toLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace glaux::daemon
