#include "api/types.h"

namespace glaux::api {
namespace {

using std::string_view;

constexpr string_view kSessionStates[] = {"CREATING",    "CREATED",    "IDLE",     "BUSY",
                                          "TERMINATING", "TERMINATED", "DEGRADED", "FAILED"};
constexpr string_view kCalculationStates[] = {"CREATING",  "CREATED",  "QUEUED",    "RUNNING",
                                              "CANCELING", "CANCELED", "COMPLETED", "FAILED"};
constexpr string_view kExecutorStates[] = {"CREATING",    "CREATED",    "REGISTERED",
                                           "TERMINATING", "TERMINATED", "FAILED"};
constexpr string_view kExecutorTypes[] = {"COORDINATOR", "GATEWAY", "WORKER"};
constexpr string_view kWorkGroupStates[] = {"ENABLED", "DISABLED"};
constexpr string_view kNotebookTypes[] = {"IPYNB"};
constexpr string_view kCalculationModes[] = {"strict", "queue"};
constexpr string_view kNetworks[] = {"none", "bridge"};
constexpr string_view kEncryptionOptions[] = {"SSE_S3", "SSE_KMS", "CSE_KMS"};
constexpr string_view kS3AclOptions[] = {"BUCKET_OWNER_FULL_CONTROL"};
constexpr string_view kAuthenticationTypes[] = {"DIRECTORY_IDENTITY"};

}  // namespace

template <>
std::span<const string_view> namesOf<SessionState>() {
  return kSessionStates;
}
template <>
std::span<const string_view> namesOf<CalculationState>() {
  return kCalculationStates;
}
template <>
std::span<const string_view> namesOf<ExecutorState>() {
  return kExecutorStates;
}
template <>
std::span<const string_view> namesOf<ExecutorType>() {
  return kExecutorTypes;
}
template <>
std::span<const string_view> namesOf<WorkGroupState>() {
  return kWorkGroupStates;
}
template <>
std::span<const string_view> namesOf<NotebookType>() {
  return kNotebookTypes;
}
template <>
std::span<const string_view> namesOf<CalculationMode>() {
  return kCalculationModes;
}
template <>
std::span<const string_view> namesOf<Network>() {
  return kNetworks;
}
template <>
std::span<const string_view> namesOf<EncryptionOption>() {
  return kEncryptionOptions;
}
template <>
std::span<const string_view> namesOf<S3AclOption>() {
  return kS3AclOptions;
}
template <>
std::span<const string_view> namesOf<AuthenticationType>() {
  return kAuthenticationTypes;
}

}  // namespace glaux::api
