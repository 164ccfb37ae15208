#include "plugins/protocol/bootstrap.h"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstring>
#include <vector>

#include "plugins/protocol/executor.capnp.h"
#include "plugins/protocol/proof.h"

namespace glaux::plugins {
namespace {

// Bounds what a broken peer can make us read; real messages take a few hundred bytes.
constexpr std::uint32_t kMaxSegments = 512;

std::string flatten(capnp::MessageBuilder& message) {
  kj::Array<capnp::word> words = capnp::messageToFlatArray(message);
  kj::ArrayPtr<kj::byte> bytes = words.asBytes();
  return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

// Calls `read` on the root of the message in `bytes`, with KJ's exceptions turned into errors.
template <typename Root, typename Read>
auto readMessage(std::string_view bytes, const char* what, Read read)
    -> tl::expected<decltype(read(std::declval<typename Root::Reader>())), Error> {
  const std::size_t size = framedMessageSize(bytes);
  if (size == 0 || size > bytes.size()) {
    return tl::make_unexpected(Error{std::string(what) + " message is cut short"});
  }
  std::vector<capnp::word> words(size / sizeof(capnp::word));
  std::memcpy(static_cast<void*>(words.data()), bytes.data(), size);
  try {
    capnp::FlatArrayMessageReader reader(kj::arrayPtr(words.data(), words.size()));
    return read(reader.getRoot<Root>());
  } catch (const kj::Exception& e) {
    return tl::make_unexpected(
        Error{std::string(what) + " message cannot be read: " + e.getDescription().cStr()});
  }
}

Bootstrap readBootstrap(protocol::Bootstrap::Reader from) {
  Bootstrap bootstrap;
  bootstrap.protocol_version = from.getProtocolVersion();
  bootstrap.session_id = from.getSessionId();
  bootstrap.key.assign(reinterpret_cast<const char*>(from.getKey().begin()), from.getKey().size());
  bootstrap.session_directory = from.getSessionDirectory().cStr();
  bootstrap.coordinator_executor_id = from.getCoordinatorExecutorId();
  bootstrap.dpus = from.getDpus();
  for (auto setting : from.getSettings()) {
    bootstrap.settings[setting.getName()] = std::string(setting.getValue());
  }
  bootstrap.lease_seconds = from.getLeaseSeconds();
  bootstrap.min_free_mib = from.getMinFreeMib();
  bootstrap.kernel_restarts = from.getKernelRestarts();
  bootstrap.resume = from.getResume();
  bootstrap.journaled_through = from.getJournaledThrough();
  bootstrap.session_dpus = std::max(from.getSessionDpus(), 1U);
  bootstrap.instance_id = from.getInstanceId();
  return bootstrap;
}

}  // namespace

std::size_t framedMessageSize(std::string_view bytes) {
  std::uint32_t last_segment = 0;
  if (bytes.size() < sizeof(last_segment)) return 0;
  std::memcpy(&last_segment, bytes.data(), sizeof(last_segment));
  if (last_segment >= kMaxSegments) return 0;
  // A table of 32-bit numbers, padded to whole words: segments less one, then each segment's words.
  const std::size_t table_size = (last_segment / 2 + 1) * sizeof(capnp::word);
  if (bytes.size() < table_size) return 0;
  std::size_t words = 0;
  for (std::uint32_t i = 0; i <= last_segment; ++i) {
    std::uint32_t segment_words = 0;
    std::memcpy(&segment_words, bytes.data() + sizeof(std::uint32_t) * (i + 1),
                sizeof(segment_words));
    words += segment_words;
  }
  return table_size + words * sizeof(capnp::word);
}

std::string encodeBootstrap(const Bootstrap& bootstrap) {
  capnp::MallocMessageBuilder message;
  auto to = message.initRoot<protocol::Bootstrap>();
  to.setProtocolVersion(bootstrap.protocol_version);
  to.setSessionId(bootstrap.session_id);
  to.setKey(kj::StringPtr(bootstrap.key.c_str(), bootstrap.key.size()).asBytes());
  to.setSessionDirectory(bootstrap.session_directory.c_str());
  to.setCoordinatorExecutorId(bootstrap.coordinator_executor_id);
  to.setDpus(bootstrap.dpus);
  auto settings = to.initSettings(bootstrap.settings.size());
  unsigned int i = 0;
  for (const auto& [name, value] : bootstrap.settings) {
    settings[i].setName(name);
    settings[i].setValue(value);
    ++i;
  }
  to.setLeaseSeconds(bootstrap.lease_seconds);
  to.setMinFreeMib(bootstrap.min_free_mib);
  to.setKernelRestarts(bootstrap.kernel_restarts);
  to.setResume(bootstrap.resume);
  to.setJournaledThrough(bootstrap.journaled_through);
  to.setSessionDpus(bootstrap.session_dpus);
  to.setInstanceId(bootstrap.instance_id);
  return flatten(message);
}

std::string encodeGreeting(const Greeting& greeting) {
  capnp::MallocMessageBuilder message;
  auto to = message.initRoot<protocol::Greeting>();
  to.setProtocolVersion(greeting.protocol_version);
  to.setPid(greeting.pid);
  to.setRefusal(greeting.refusal);
  return flatten(message);
}

tl::expected<Bootstrap, Error> decodeBootstrap(std::string_view bytes) {
  auto bootstrap = readMessage<protocol::Bootstrap>(bytes, "bootstrap", readBootstrap);
  if (!bootstrap) return bootstrap;
  if (bootstrap->session_id.empty()) {
    return tl::make_unexpected(Error{"bootstrap message has no session id"});
  }
  if (bootstrap->key.size() != kKeySize) {
    return tl::make_unexpected(Error{"bootstrap message has a key of the wrong size"});
  }
  if (!bootstrap->session_directory.is_absolute()) {
    return tl::make_unexpected(Error{"bootstrap message has no absolute session directory"});
  }
  if (bootstrap->dpus == 0) {
    return tl::make_unexpected(Error{"bootstrap message gives the session no DPUs"});
  }
  return bootstrap;
}

tl::expected<Greeting, Error> decodeGreeting(std::string_view bytes) {
  return readMessage<protocol::Greeting>(bytes, "greeting", [](protocol::Greeting::Reader from) {
    return Greeting{from.getProtocolVersion(), from.getPid(), from.getRefusal()};
  });
}

}  // namespace glaux::plugins
