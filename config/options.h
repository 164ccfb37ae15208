// What glauxd can be told: one struct, grouped as in the settings file.
//
// The initial values are the defaults. Names, allowed ranges and help are in option_table.cc and
// sections.cc; a value that came through parseCommandLine() is within them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace glaux::config {

struct ObjectOptions {
  std::string bucket = "glaux";  // where results go when a workgroup names no output location
  std::string dir;               // empty: <state_dir>/objects
};

struct HttpOptions {
  std::int64_t max_body_bytes = 16 * 1024 * 1024;
  std::int64_t max_header_bytes = 16 * 1024;
  std::int64_t max_connections = 1024;
  std::int64_t idle_timeout_s = 60;
  std::int64_t request_timeout_s = 30;  // for a whole request to arrive
};

struct CapacityOptions {
  std::int64_t dpus = 1000;
};

struct SessionOptions {
  std::int64_t default_dpus = 20;  // MaxConcurrentDpus when a request names none
  std::int64_t idle_timeout_minutes = 20;
  std::int64_t start_timeout_s = 60;
  std::int64_t terminate_grace_ms = 5000;
  std::int64_t degraded_timeout_s = 600;  // out of reach
  std::int64_t kernel_restarts = 3;       // within ten minutes
};

struct CalculationOptions {
  std::int64_t interrupt_grace_ms = 3000;  // then the kernel is killed
  std::int64_t max_queued = 100;           // a session, in workgroups that queue
};

struct ExecutorOptions {
  std::string default_executor = "process";
  std::string kernel = "python3";
  std::int64_t concurrent_launches = 4;
  std::int64_t lease_s = 24 * 3600;  // how long sessions go on without glauxd
};

struct JournalOptions {
  std::int64_t snapshot_records = 25'000;
  std::int64_t head_interval_ms = 1000;
  std::int64_t min_free_mib = 64;
};

struct IdempotencyOptions {
  std::int64_t retention_minutes = 1440;
};

struct AuditOptions {
  bool reads = false;
};

struct LogOptions {
  std::string level = "info";
};

// A text of the settings file and where it stands: whether it is any good may turn out only later,
// when the executors are known.
struct PlacedText {
  std::string text;
  std::string origin;  // "/etc/glaux.json:12"
  bool operator==(const PlacedText&) const = default;
};

// By name: what is laid over an executor's own settings.
using ExecutorSettings = std::map<std::string, PlacedText>;

// What an engine version stands for.
struct EngineOptions {
  std::string executor;  // empty: executor.default
  std::string kernel;    // empty: executor.kernel
  ExecutorSettings settings;
  std::string origin;  // where it is first mentioned
  bool operator==(const EngineOptions&) const = default;
};

struct Options {
  std::string listen = "127.0.0.1:8420";
  std::string state_dir = "/var/lib/glaux";
  std::string executor_dir;  // empty: ../executors beside the binary
  std::string region = "us-east-1";
  std::string account = "000000000000";

  ObjectOptions objects;
  HttpOptions http;
  CapacityOptions capacity;
  SessionOptions session;
  CalculationOptions calculation;
  ExecutorOptions executor;
  JournalOptions journal;
  IdempotencyOptions idempotency;
  AuditOptions audit;
  LogOptions log;

  std::map<std::string, ExecutorSettings> executors;  // by the plugin's name
  std::map<std::string, EngineOptions> engines;       // by engine version
};

}  // namespace glaux::config
