#include "daemon/core/stored.h"

#include <kj/io.h>

#include "api/types.h"
#include "daemon/core/event_codec.h"

namespace glaux::core {

std::string toBytes(capnp::MessageBuilder& message) {
  auto segments = message.getSegmentsForOutput();
  std::string bytes(capnp::computeSerializedSizeInWords(segments) * sizeof(capnp::word), '\0');
  kj::ArrayOutputStream stream(
      kj::arrayPtr(reinterpret_cast<kj::byte*>(bytes.data()), bytes.size()));
  capnp::writeMessage(stream, segments);
  return bytes;
}

namespace {

// Large messages are read whole, each part a few times at most. A list that claims to be longer
// than its message (of elements without size) is found out.
capnp::ReaderOptions optionsFor(std::size_t words) {
  return {.traversalLimitInWords = 8 * words + 64, .nestingLimit = 64};
}

}  // namespace

StoredMessage::StoredMessage(std::string_view bytes)
    : words_(aligned(bytes)), reader_(words_, optionsFor(words_.size())) {
  KJ_REQUIRE(reader_.getEnd() == words_.end(), "something follows the message");
}

kj::ArrayPtr<const capnp::word> StoredMessage::aligned(std::string_view bytes) {
  KJ_REQUIRE(bytes.size() % sizeof(capnp::word) == 0, "the message is cut off", bytes.size());
  std::size_t words = bytes.size() / sizeof(capnp::word);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(capnp::word) == 0)
    return {reinterpret_cast<const capnp::word*>(bytes.data()), words};
  copy_ = kj::heapArray<capnp::word>(words);
  std::memcpy(copy_.begin(), bytes.data(), bytes.size());
  return copy_;
}

namespace {

static_assert(sameValue(Source::kApi, stored::Source::API));
static_assert(sameValue(Source::kExecutor, stored::Source::EXECUTOR));
static_assert(sameValue(Source::kDeadline, stored::Source::DEADLINE));
static_assert(sameValue(Source::kDaemon, stored::Source::DAEMON));

static_assert(sameValue(api::ExecutorType::kCoordinator, stored::ExecutorType::COORDINATOR));
static_assert(sameValue(api::ExecutorType::kGateway, stored::ExecutorType::GATEWAY));
static_assert(sameValue(api::ExecutorType::kWorker, stored::ExecutorType::WORKER));

static_assert(sameValue(api::ExecutorState::kCreating, stored::ExecutorState::CREATING));
static_assert(sameValue(api::ExecutorState::kCreated, stored::ExecutorState::CREATED));
static_assert(sameValue(api::ExecutorState::kRegistered, stored::ExecutorState::REGISTERED));
static_assert(sameValue(api::ExecutorState::kTerminating, stored::ExecutorState::TERMINATING));
static_assert(sameValue(api::ExecutorState::kTerminated, stored::ExecutorState::TERMINATED));
static_assert(sameValue(api::ExecutorState::kFailed, stored::ExecutorState::FAILED));

}  // namespace
}  // namespace glaux::core
