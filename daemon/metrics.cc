#include "daemon/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <vector>

namespace glaux::daemon {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric metric(MetricType type, std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return metric;
}

class Families {
 public:
  void add(MetricType type, const char* name, const char* help, double value) {
    family(type, name, help).metric.push_back(metric(type, {}, value));
  }
  MetricFamily& family(MetricType type, const char* name, const char* help) {
    MetricFamily& family = families_.emplace_back();
    family.name = name;
    family.help = help;
    family.type = type;
    return family;
  }
  const std::vector<MetricFamily>& all() const { return families_; }

 private:
  std::vector<MetricFamily> families_;
};

void addHttp(Families& families, const HttpCounters& http) {
  families.add(MetricType::Counter, "glaux_http_requests_total", "HTTP requests received.",
               static_cast<double>(http.requests));
  families.add(MetricType::Gauge, "glaux_http_connections", "Open client connections.",
               static_cast<double>(http.open_connections));
  families.add(MetricType::Counter, "glaux_http_request_body_bytes_total",
               "Bytes of request bodies received.", static_cast<double>(http.request_body_bytes));
  families.add(MetricType::Counter, "glaux_http_response_body_bytes_total",
               "Bytes of response bodies sent.", static_cast<double>(http.response_body_bytes));
  auto& rejected = families.family(MetricType::Counter, "glaux_http_rejected_total",
                                   "Requests refused before they reached the API, by reason.");
  constexpr const char* kReasons[] = {"malformed", "body_too_large", "timed_out", "not_answered"};
  static_assert(std::size(kReasons) == kHttpRejectionCount);
  for (std::size_t i = 0; i < kHttpRejectionCount; ++i)
    rejected.metric.push_back(metric(MetricType::Counter, {{"reason", kReasons[i]}},
                                     static_cast<double>(http.rejected[i])));
}

void addAthena(Families& families, const AthenaEndpoint& athena) {
  auto& requests = families.family(MetricType::Counter, "glaux_api_requests_total",
                                   "API requests answered, by operation and HTTP status.");
  for (const auto& [key, count] : athena.counts())
    requests.metric.push_back(metric(
        MetricType::Counter, {{"operation", key.first}, {"status", std::to_string(key.second)}},
        static_cast<double>(count)));
}

void addEngine(Families& families, const Engine& engine) {
  families.add(MetricType::Counter, "glaux_commands_total", "Commands recorded.",
               static_cast<double>(engine.commands()));
  families.add(MetricType::Counter, "glaux_commands_rejected_total",
               "Commands recorded with a refusal.", static_cast<double>(engine.rejections()));
  families.add(MetricType::Gauge, "glaux_commands_pending",
               "Commands that wait for the journal's sync.", static_cast<double>(engine.pending()));
  families.add(MetricType::Gauge, "glaux_commands_refused",
               "1 while commands are refused because the disk is nearly full.",
               engine.isRefusing() ? 1 : 0);
  families.add(MetricType::Gauge, "glaux_dpus_in_use", "DPUs reserved by live sessions.",
               static_cast<double>(engine.state().dpus_in_use));

  std::map<std::string_view, int> by_state;
  for (const auto& [id, session] : engine.state().sessions) ++by_state[api::name(session.state)];
  auto& sessions = families.family(MetricType::Gauge, "glaux_sessions", "Live sessions, by state.");
  for (const auto& [state, count] : by_state)
    sessions.metric.push_back(metric(MetricType::Gauge, {{"state", std::string(state)}}, count));
}

void addExecutors(Families& families, const Executors& executors) {
  families.add(MetricType::Gauge, "glaux_executors", "Executor processes known to the daemon.",
               static_cast<double>(executors.running()));
  families.add(MetricType::Gauge, "glaux_executors_launching",
               "Executors that are on their way up.", static_cast<double>(executors.launching()));
  families.add(MetricType::Gauge, "glaux_executors_waiting",
               "Sessions that wait for their executor's launch.",
               static_cast<double>(executors.waiting()));
}

void addJournal(Families& families, const journal::Journal& journal) {
  families.add(MetricType::Counter, "glaux_journal_sequence", "Last record appended.",
               static_cast<double>(journal.lastSequence()));
  families.add(MetricType::Counter, "glaux_journal_durable_sequence",
               "Last record known to be on disk.", static_cast<double>(journal.durableSequence()));
  families.add(MetricType::Gauge, "glaux_journal_pending_bytes",
               "Bytes appended and not yet on disk.", static_cast<double>(journal.pendingBytes()));
  families.add(MetricType::Gauge, "glaux_journal_memory_bytes",
               "Write buffers and caches of the journal and the views.",
               static_cast<double>(journal.memoryBytes()));
}

}  // namespace

std::string renderMetrics(const MetricSources& sources) {
  Families families;
  addHttp(families, sources.http);
  addAthena(families, sources.athena);
  addEngine(families, sources.engine);
  addExecutors(families, sources.executors);
  addJournal(families, sources.journal);
  return prometheus::TextSerializer().Serialize(families.all());
}

}  // namespace glaux::daemon
