#include "api/engines.h"

#include "api/constraints.h"
#include "api/field.h"
#include "api/shapes.h"

namespace glaux::api {

using namespace constraints;

template <>
const Shape& shapeOf<Classification>() {
  using T = Classification;
  static constexpr Field kFields[] = {
      field<&T::name>("Name", kOptional, kNameString),
      field<&T::properties>("Properties", kOptional, kParametersMap),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<EngineConfiguration>() {
  using T = EngineConfiguration;
  static constexpr Field kFields[] = {
      field<&T::coordinator_dpu_size>("CoordinatorDpuSize", kOptional, kDpuSize),
      field<&T::max_concurrent_dpus>("MaxConcurrentDpus", kOptional, kMaxConcurrentDpus),
      field<&T::default_executor_dpu_size>("DefaultExecutorDpuSize", kOptional, kDpuSize),
      field<&T::additional_configs>("AdditionalConfigs", kOptional, kParametersMap),
      field<&T::spark_properties>("SparkProperties", kOptional, kParametersMap),
      field<&T::classifications>("Classifications", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<EngineVersion>() {
  using T = EngineVersion;
  static constexpr Field kFields[] = {
      field<&T::selected_engine_version>("SelectedEngineVersion", kOptional, kNameString),
      field<&T::effective_engine_version>("EffectiveEngineVersion", kOptional, kNameString),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<EncryptionConfiguration>() {
  using T = EncryptionConfiguration;
  static constexpr Field kFields[] = {
      field<&T::encryption_option>("EncryptionOption", kRequired),
      field<&T::kms_key>("KmsKey", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CloudWatchLoggingConfiguration>() {
  using T = CloudWatchLoggingConfiguration;
  static constexpr Field kFields[] = {
      field<&T::enabled>("Enabled", kRequired),
      field<&T::log_group>("LogGroup", kOptional, kLogGroup),
      field<&T::log_stream_name_prefix>("LogStreamNamePrefix", kOptional, kLogStreamNamePrefix),
      field<&T::log_types>("LogTypes", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ManagedLoggingConfiguration>() {
  using T = ManagedLoggingConfiguration;
  static constexpr Field kFields[] = {
      field<&T::enabled>("Enabled", kRequired),
      field<&T::kms_key>("KmsKey", kOptional, kKmsKey),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<S3LoggingConfiguration>() {
  using T = S3LoggingConfiguration;
  static constexpr Field kFields[] = {
      field<&T::enabled>("Enabled", kRequired),
      field<&T::kms_key>("KmsKey", kOptional, kKmsKey),
      field<&T::log_location>("LogLocation", kOptional, kS3Uri),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<MonitoringConfiguration>() {
  using T = MonitoringConfiguration;
  static constexpr Field kFields[] = {
      field<&T::cloud_watch_logging_configuration>("CloudWatchLoggingConfiguration", kOptional),
      field<&T::managed_logging_configuration>("ManagedLoggingConfiguration", kOptional),
      field<&T::s3_logging_configuration>("S3LoggingConfiguration", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListEngineVersionsRequest>() {
  using T = ListEngineVersionsRequest;
  static constexpr Field kFields[] = {
      field<&T::max_results>("MaxResults", kOptional, kMaxEngineVersions),
      field<&T::next_token>("NextToken", kOptional, kToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListEngineVersionsResponse>() {
  using T = ListEngineVersionsResponse;
  static constexpr Field kFields[] = {
      field<&T::engine_versions>("EngineVersions", kRequired),
      field<&T::next_token>("NextToken", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ApplicationDpuSizes>() {
  using T = ApplicationDpuSizes;
  static constexpr Field kFields[] = {
      field<&T::application_runtime_id>("ApplicationRuntimeId", kOptional),
      field<&T::supported_dpu_sizes>("SupportedDPUSizes", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListApplicationDpuSizesRequest>() {
  using T = ListApplicationDpuSizesRequest;
  static constexpr Field kFields[] = {
      field<&T::max_results>("MaxResults", kOptional, kMaxResults),
      field<&T::next_token>("NextToken", kOptional, kToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListApplicationDpuSizesResponse>() {
  using T = ListApplicationDpuSizesResponse;
  static constexpr Field kFields[] = {
      field<&T::application_dpu_sizes>("ApplicationDPUSizes", kRequired),
      field<&T::next_token>("NextToken", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

}  // namespace glaux::api
