// What a session runs on: engine versions and sizes, encryption, and where logs go.
//
// Members are the API's, in snake_case. Required members are plain, optional ones std::optional;
// for lists and maps absent and empty mean the same unless they are std::optional too.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/types.h"

namespace glaux::api {

// A named group of properties, the newer engines' form of configuration.
struct Classification {
  std::optional<std::string> name;
  std::map<std::string, std::string> properties;
  bool operator==(const Classification&) const = default;
};

struct EngineConfiguration {
  std::optional<std::int32_t> coordinator_dpu_size;       // 1 is the only size
  std::optional<std::int32_t> max_concurrent_dpus;        // 2..5000, the coordinator included
  std::optional<std::int32_t> default_executor_dpu_size;  // 1 is the only size
  std::map<std::string, std::string> additional_configs;  // "NotebookId" binds a notebook
  std::map<std::string, std::string> spark_properties;
  std::vector<Classification> classifications;
  bool operator==(const EngineConfiguration&) const = default;
};

struct EngineVersion {
  std::optional<std::string> selected_engine_version;
  std::optional<std::string> effective_engine_version;
  bool operator==(const EngineVersion&) const = default;
};

struct EncryptionConfiguration {
  EncryptionOption encryption_option = EncryptionOption::kSseS3;
  std::optional<std::string> kms_key;
  bool operator==(const EncryptionConfiguration&) const = default;
};

struct CloudWatchLoggingConfiguration {
  bool enabled = false;
  std::optional<std::string> log_group;
  std::optional<std::string> log_stream_name_prefix;
  std::map<std::string, std::vector<std::string>> log_types;
  bool operator==(const CloudWatchLoggingConfiguration&) const = default;
};

struct ManagedLoggingConfiguration {
  bool enabled = false;
  std::optional<std::string> kms_key;
  bool operator==(const ManagedLoggingConfiguration&) const = default;
};

struct S3LoggingConfiguration {
  bool enabled = false;
  std::optional<std::string> kms_key;
  std::optional<std::string> log_location;
  bool operator==(const S3LoggingConfiguration&) const = default;
};

struct MonitoringConfiguration {
  std::optional<CloudWatchLoggingConfiguration> cloud_watch_logging_configuration;
  std::optional<ManagedLoggingConfiguration> managed_logging_configuration;
  std::optional<S3LoggingConfiguration> s3_logging_configuration;
  bool operator==(const MonitoringConfiguration&) const = default;
};

struct ListEngineVersionsRequest {
  std::optional<std::int32_t> max_results;  // 1..10
  std::optional<std::string> next_token;
  bool operator==(const ListEngineVersionsRequest&) const = default;
};

struct ListEngineVersionsResponse {
  std::vector<EngineVersion> engine_versions;  // always sent
  std::optional<std::string> next_token;       // absent on the last page, never ""
  bool operator==(const ListEngineVersionsResponse&) const = default;
};

struct ApplicationDpuSizes {
  std::optional<std::string> application_runtime_id;  // "Athena notebook version 1"
  std::vector<std::int32_t> supported_dpu_sizes;
  bool operator==(const ApplicationDpuSizes&) const = default;
};

struct ListApplicationDpuSizesRequest {
  std::optional<std::int32_t> max_results;  // 1..100
  std::optional<std::string> next_token;
  bool operator==(const ListApplicationDpuSizesRequest&) const = default;
};

struct ListApplicationDpuSizesResponse {
  std::vector<ApplicationDpuSizes> application_dpu_sizes;  // always sent
  std::optional<std::string> next_token;                   // absent on the last page, never ""
  bool operator==(const ListApplicationDpuSizesResponse&) const = default;
};

}  // namespace glaux::api
