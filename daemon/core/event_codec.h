#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "api/errors.h"
#include "daemon/core/events.h"

// The payload of a journal record and back: one command with what it caused. events.capnp is the
// format's specification. The only place that knows how events were ever written; everybody else
// sees today's.
//
// Equal bodies give equal bytes. Bytes need no alignment. No function throws; where one answers
// with text, the bytes are not what encodeRecord() writes, or a later version wrote them.
namespace glaux::core {

inline constexpr std::uint16_t kRecordKind = 1;
inline constexpr std::uint16_t kRecordVersion = 1;

// Longer requests belong into a blob.
inline constexpr std::size_t kInlineRequestBytesMax = 16 * 1024;

enum class Source : std::uint8_t { kApi, kExecutor, kDeadline, kDaemon };

// A rejection as its client saw it. Kept as text, so that old journals stay readable whatever
// becomes of the table of errors.
struct RejectionText {
  std::string type;  // "InvalidRequestException"
  std::string message;
  std::optional<std::string> athena_error_code;
  std::optional<std::string> resource_name;
  std::optional<std::string> reason;
  bool operator==(const RejectionText&) const = default;
};

RejectionText rejectionText(const api::Error& error);

struct RecordBody {
  Source source = Source::kApi;
  std::string principal;   // empty unless a client asked
  std::string request_id;  // empty unless a client asked
  std::string operation;   // "StartSession", "ReachDeadline"
  // What the client sent, byte for byte; empty if the command has no such thing or the bytes are
  // in the blob with this digest.
  std::string request;
  std::optional<Digest> request_blob;
  tl::expected<std::vector<Event>, RejectionText> outcome;
  bool operator==(const RecordBody&) const = default;
};

// Precondition: not both a request and a blob.
std::string encodeRecord(const RecordBody& body);

tl::expected<RecordBody, std::string> decodeRecord(std::string_view bytes);

// For replay: only the events, one after the other, without the texts around them. None if the
// command was refused. On failure some events may have been visited.
tl::expected<void, std::string> visitEvents(std::string_view bytes,
                                            const std::function<void(const Event&)>& visit);

}  // namespace glaux::core
