#pragma once

#include <string>

#include "daemon/athena_endpoint.h"
#include "daemon/engine.h"
#include "daemon/executors/executors.h"
#include "daemon/http/http_server.h"
#include "journal/journal.h"

namespace glaux::daemon {

// What is counted, by those who count it.
struct MetricSources {
  const HttpCounters& http;
  const AthenaEndpoint& athena;
  const Engine& engine;
  const Executors& executors;
  const journal::Journal& journal;
};

// All metrics in Prometheus' text format, version 0.0.4.
std::string renderMetrics(const MetricSources& sources);

}  // namespace glaux::daemon
