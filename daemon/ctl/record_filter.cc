#include "daemon/ctl/record_filter.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <variant>

namespace glaux::daemon {
namespace {

bool names(const core::Event& event, const core::SessionId& session) {
  return std::visit(
      [&](const auto& e) {
        if constexpr (requires { e.session; })
          return e.session == session;
        else if constexpr (requires { e.result; })
          return e.result == session.bytes;
        else
          return false;
      },
      event);
}

}  // namespace

bool RecordFilter::accepts(const journal::Record& record, const core::RecordBody& body,
                           const std::function<std::string()>& request) {
  const bool is_named = criteria_.session && namedByOutcome(body);
  if (!acceptsPlace(record)) return false;
  if (criteria_.operation && body.operation != *criteria_.operation) return false;
  return !criteria_.session || is_named || namedByRequest(request());
}

bool RecordFilter::acceptsUnreadable(const journal::Record& record) const {
  return !criteria_.session && !criteria_.operation && acceptsPlace(record);
}

bool RecordFilter::acceptsPlace(const journal::Record& record) const {
  return record.sequence >= criteria_.from &&
         (!criteria_.since || record.time_ms >= criteria_.since->ms) &&
         (!criteria_.until || record.time_ms < criteria_.until->ms);
}

bool RecordFilter::namedByOutcome(const core::RecordBody& body) {
  if (!body.outcome) {
    const auto& resource = body.outcome.error().resource_name;
    return resource && belongs(*resource);
  }
  bool is_named = false;
  for (const core::Event& event : *body.outcome) {
    if (!names(event, *criteria_.session)) continue;
    is_named = true;
    if (const auto* submitted = std::get_if<core::CalculationSubmitted>(&event))
      calculations_.insert(submitted->calculation);
  }
  return is_named;
}

bool RecordFilter::namedByRequest(const std::string& request) const {
  const auto json = nlohmann::json::parse(request, nullptr, false);
  if (!json.is_object()) return false;
  return std::any_of(json.begin(), json.end(), [&](const nlohmann::json& member) {
    return member.is_string() && belongs(member.get_ref<const std::string&>());
  });
}

bool RecordFilter::belongs(const std::string& id_text) const {
  const auto id = core::parseIdText(id_text);
  if (!id) return false;
  return *id == criteria_.session->bytes || calculations_.contains(core::CalculationId{*id});
}

}  // namespace glaux::daemon
