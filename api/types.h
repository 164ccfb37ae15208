// The vocabulary the wire contract's structs share: timestamps and the API's enumerations.
//
// Enumerators are named after the API's values; name() answers the value as it appears on the wire
// ("CREATING"), parse<E>() the reverse. Order within an enumeration is the API's own.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace glaux::api {

// A moment, in milliseconds since the Unix epoch. On the wire it is a JSON number of epoch seconds
// with at most three decimals (1668443136.123); the API never carries timestamps as strings.
struct Timestamp {
  std::int64_t ms = 0;
  auto operator<=>(const Timestamp&) const = default;
};

enum class SessionState {
  kCreating,
  kCreated,
  kIdle,
  kBusy,
  kTerminating,
  kTerminated,
  kDegraded,
  kFailed
};

// CalculationExecutionState in the model.
enum class CalculationState {
  kCreating,
  kCreated,
  kQueued,
  kRunning,
  kCanceling,
  kCanceled,
  kCompleted,
  kFailed
};

enum class ExecutorState { kCreating, kCreated, kRegistered, kTerminating, kTerminated, kFailed };

enum class ExecutorType { kCoordinator, kGateway, kWorker };
enum class WorkGroupState { kEnabled, kDisabled };
enum class NotebookType { kIpynb };

// Not the API's: what a workgroup does with a calculation whose session is busy, "strict" or
// "queue". See AdditionalConfiguration in work_groups.h.
enum class CalculationMode { kStrict, kQueue };

// Not the API's: what a workgroup's sessions may reach, "none" or "bridge" (the machine's network,
// through a bridge). See AdditionalConfiguration in work_groups.h.
enum class Network { kNone, kBridge };

enum class EncryptionOption { kSseS3, kSseKms, kCseKms };
enum class S3AclOption { kBucketOwnerFullControl };
enum class AuthenticationType { kDirectoryIdentity };

// The wire names of an enumeration, indexed by enumerator.
template <typename E>
std::span<const std::string_view> namesOf();
template <>
std::span<const std::string_view> namesOf<SessionState>();
template <>
std::span<const std::string_view> namesOf<CalculationState>();
template <>
std::span<const std::string_view> namesOf<ExecutorState>();
template <>
std::span<const std::string_view> namesOf<ExecutorType>();
template <>
std::span<const std::string_view> namesOf<WorkGroupState>();
template <>
std::span<const std::string_view> namesOf<NotebookType>();
template <>
std::span<const std::string_view> namesOf<CalculationMode>();
template <>
std::span<const std::string_view> namesOf<Network>();
template <>
std::span<const std::string_view> namesOf<EncryptionOption>();
template <>
std::span<const std::string_view> namesOf<S3AclOption>();
template <>
std::span<const std::string_view> namesOf<AuthenticationType>();

template <typename E>
concept WireEnum = requires {
  namesOf<E>();
}
&&std::is_enum_v<E>;

template <WireEnum E>
std::string_view name(E value) {
  return namesOf<E>()[static_cast<std::size_t>(value)];
}

// Case-sensitive, as the API is. nullopt: no such value.
template <WireEnum E>
std::optional<E> parse(std::string_view text) {
  const auto names = namesOf<E>();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace glaux::api
