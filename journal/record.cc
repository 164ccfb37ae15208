#include "journal/record.h"

#include <utility>

#include "journal/byte_order.h"

namespace glaux::journal {
namespace {

// Where things are in a stored record. On disk: these numbers never change.
constexpr std::size_t kFormatAt = 0;
constexpr std::size_t kFlagsAt = 1;
constexpr std::size_t kKindAt = 2;
constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kTimeAt = 6;
static_assert(kTimeAt + sizeof(std::int64_t) == kRecordHeaderBytes);

constexpr std::uint8_t kSkippableFlag = 0x01;  // the other flag bits are zero in format 1

// RFC 6962 section 2.1: leaves are hashed behind 0x00, inner nodes of the tree behind 0x01.
constexpr std::string_view kLeafPrefix("\x00", 1);

Hash leafHash(Sequence sequence, std::string_view header_and_payload) {
  return sha256({kLeafPrefix, encodeSequence(sequence), header_and_payload});
}

tl::unexpected<DecodeFailure> failure(DecodeFailure::Kind kind, std::string detail) {
  return tl::unexpected(DecodeFailure{kind, std::move(detail)});
}

}  // namespace

Blob makeBlob(std::string bytes) {
  const Hash digest = sha256(bytes);
  return Blob{digest, std::move(bytes)};
}

OwnedRecord::OwnedRecord(const Record& record)
    : sequence(record.sequence),
      time_ms(record.time_ms),
      kind(record.kind),
      version(record.version),
      skippable(record.skippable),
      payload(record.payload),
      leaf_hash(record.leaf_hash) {}

Record OwnedRecord::view() const {
  return Record{sequence, time_ms, kind, version, skippable, payload, leaf_hash};
}

std::string encodeSequence(Sequence sequence) {
  std::string key;
  appendBigEndian(sequence, &key);
  return key;
}

std::optional<Sequence> decodeSequence(std::string_view key) {
  if (key.size() != sizeof(Sequence)) return std::nullopt;
  return readBigEndian<Sequence>(key, 0);
}

Hash encodeRecord(Sequence sequence, const Draft& draft, std::string* value) {
  value->clear();
  value->reserve(draft.payload.size() + kRecordOverheadBytes);
  value->push_back(static_cast<char>(kRecordFormat));
  value->push_back(static_cast<char>(draft.skippable ? kSkippableFlag : 0));
  appendBigEndian(draft.kind, value);
  appendBigEndian(draft.version, value);
  appendBigEndian(draft.time_ms, value);
  value->append(draft.payload);
  const Hash hash = leafHash(sequence, *value);
  value->append(hash.view());
  return hash;
}

tl::expected<Record, DecodeFailure> decodeRecord(Sequence sequence, std::string_view value) {
  using Kind = DecodeFailure::Kind;
  if (value.empty()) return failure(Kind::kUndecodable, "the record is empty");
  const auto format = static_cast<std::uint8_t>(value[kFormatAt]);
  if (format > kRecordFormat) {
    return failure(Kind::kNewerFormat, "record format " + std::to_string(format) +
                                           ", this binary knows up to " +
                                           std::to_string(kRecordFormat));
  }
  if (value.size() < kRecordOverheadBytes) {
    return failure(Kind::kUndecodable, std::to_string(value.size()) +
                                           " bytes are too few, the least is " +
                                           std::to_string(kRecordOverheadBytes));
  }
  const std::string_view hashed = value.substr(0, value.size() - sizeof(Hash::bytes));
  const Hash stored = *Hash::fromBytes(value.substr(hashed.size()));
  const Hash computed = leafHash(sequence, hashed);
  if (computed != stored) {
    return failure(Kind::kBadHash,
                   "leaf hash " + stored.hex() + " is stored, the bytes have " + computed.hex());
  }
  const auto flags = static_cast<std::uint8_t>(value[kFlagsAt]);
  if (format != kRecordFormat || (flags & ~kSkippableFlag) != 0) {
    return failure(Kind::kUndecodable, "format " + std::to_string(format) + " with flags " +
                                           std::to_string(flags) + " does not exist");
  }
  return Record{sequence,
                readBigEndian<std::int64_t>(value, kTimeAt),
                readBigEndian<std::uint16_t>(value, kKindAt),
                readBigEndian<std::uint16_t>(value, kVersionAt),
                (flags & kSkippableFlag) != 0,
                hashed.substr(kRecordHeaderBytes),
                stored};
}

}  // namespace glaux::journal
