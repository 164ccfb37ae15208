#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/debug.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/core/events.capnp.h"
#include "daemon/core/ids.h"

// Private to the codecs: how the vocabulary of events.capnp is written and read. Malformed input
// raises kj::Exception; decoding() is where it stops.
namespace glaux::core {

// Bytes of a whole message in the standard framing.
std::string toBytes(capnp::MessageBuilder& message);

// A message read from bytes of any alignment and any size. Points into `bytes` where it can.
class StoredMessage {
 public:
  explicit StoredMessage(std::string_view bytes);

  template <class Root>
  typename Root::Reader root() {
    return reader_.getRoot<Root>();
  }

 private:
  kj::ArrayPtr<const capnp::word> aligned(std::string_view bytes);

  kj::Array<capnp::word> copy_;  // empty if `bytes` were aligned
  kj::ArrayPtr<const capnp::word> words_;
  capnp::FlatArrayMessageReader reader_;
};

template <class Decode>
auto decoding(Decode decode) -> tl::expected<decltype(decode()), std::string> {
  try {
    if constexpr (std::is_void_v<decltype(decode())>) {
      decode();
      return {};
    } else {
      return decode();
    }
  } catch (const kj::Exception& e) {
    return tl::unexpected(std::string(e.getDescription().cStr()));
  }
}

// ---- ids: 16 bytes as two big-endian halves

inline std::uint64_t bigEndian(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

inline void putBigEndian(std::uint64_t value, std::uint8_t* bytes) {
  for (int i = 7; i >= 0; --i, value >>= 8) bytes[i] = static_cast<std::uint8_t>(value);
}

template <class Group>
void putIdBytes(Group group, const IdBytes& id) {
  group.setHigh(bigEndian(id.data()));
  group.setLow(bigEndian(id.data() + 8));
}

template <class Group>
IdBytes idBytes(Group group) {
  IdBytes id;
  putBigEndian(group.getHigh(), id.data());
  putBigEndian(group.getLow(), id.data() + 8);
  return id;
}

template <class Group, class Tag>
void putId(Group group, const Id<Tag>& id) {
  putIdBytes(group, id.bytes);
}

template <class IdType, class Group>
IdType idFrom(Group group) {
  return IdType{idBytes(group)};
}

// ---- text and data

inline capnp::Text::Reader asText(const std::string& text) { return {text.data(), text.size()}; }

inline std::string fromText(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

inline capnp::Data::Reader asData(std::string_view bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

inline std::string_view fromData(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

template <std::size_t kSize>
capnp::Data::Reader asData(const std::array<std::uint8_t, kSize>& bytes) {
  return {bytes.data(), kSize};
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> arrayFrom(capnp::Data::Reader data) {
  KJ_REQUIRE(data.size() == kSize, "bytes of another length were expected", data.size());
  std::array<std::uint8_t, kSize> bytes;
  std::memcpy(bytes.data(), data.begin(), kSize);
  return bytes;
}

// ---- enumerations: the same ordinals here and there, which the codecs assert one by one

template <class Ours, class Stored>
constexpr bool sameValue(Ours ours, Stored stored) {
  return static_cast<unsigned>(ours) == static_cast<unsigned>(stored);
}

template <class To, class From>
To sameOrdinal(From value, To last) {
  KJ_REQUIRE(static_cast<unsigned>(value) <= static_cast<unsigned>(last),
             "a value of a later version", static_cast<unsigned>(value));
  return static_cast<To>(value);
}

}  // namespace glaux::core
