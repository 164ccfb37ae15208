#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "journal/hash.h"

// What a journal consists of, and how it looks on disk. FORMAT.md is the specification; the
// functions here are its only implementation, and pure.
namespace glaux::journal {

// The place of a record in its journal. 1 is the first, there are no gaps, 0 means "before the
// first".
using Sequence = std::uint64_t;

// Bytes too large for a record, stored once under their SHA-256. The record's payload refers to
// them by digest; the journal does not know where.
struct Blob {
  Hash digest;
  std::string bytes;
};

// The blob holding `bytes`, with its digest computed.
Blob makeBlob(std::string bytes);

// A record on its way into the journal. The journal interprets nothing but `blobs`.
struct Draft {
  std::int64_t time_ms = 0;   // when it happened: milliseconds since 1970 UTC, as the caller saw it
  std::uint16_t kind = 0;     // what the payload is; numbers are the caller's and for ever
  std::uint16_t version = 0;  // version of the payload's encoding
  bool skippable = false;     // a reader who does not know `kind` may step over the record
  std::string payload;        // opaque
  std::vector<Blob> blobs;    // durable together with the record, or not at all
};

// A record as read. `payload` points into memory of whoever produced the record: copy it, or make
// an OwnedRecord, to keep it.
struct Record {
  Sequence sequence = 0;
  std::int64_t time_ms = 0;
  std::uint16_t kind = 0;
  std::uint16_t version = 0;
  bool skippable = false;
  std::string_view payload;
  Hash leaf_hash;  // RFC 6962 leaf hash, see FORMAT.md
};

// A record that owns its payload.
struct OwnedRecord {
  explicit OwnedRecord(const Record& record);
  // The record, with a payload that points into this object.
  Record view() const;

  Sequence sequence;
  std::int64_t time_ms;
  std::uint16_t kind;
  std::uint16_t version;
  bool skippable;
  std::string payload;
  Hash leaf_hash;
};

// The format of records written by this binary, and the newest it can read.
inline constexpr std::uint8_t kRecordFormat = 1;
// Bytes a stored record has beside its payload: header before, leaf hash after.
inline constexpr std::size_t kRecordHeaderBytes = 14;
inline constexpr std::size_t kRecordOverheadBytes = kRecordHeaderBytes + sizeof(Hash::bytes);

// Eight bytes, big-endian, so that bytewise order is the order of sequences.
std::string encodeSequence(Sequence sequence);
// Nothing unless `key` has exactly eight bytes.
std::optional<Sequence> decodeSequence(std::string_view key);

// Writes the stored form of record `sequence` over `*value` (its capacity is reused) and returns
// the leaf hash. `draft.blobs` are stored elsewhere and do not take part.
Hash encodeRecord(Sequence sequence, const Draft& draft, std::string* value);

// Why a stored value is not a record that this binary can vouch for.
struct DecodeFailure {
  enum class Kind {
    kUndecodable,  // too short, or flags that no format defines
    kNewerFormat,  // a format byte greater than kRecordFormat
    kBadHash,      // the bytes do not have the leaf hash stored with them
  };
  Kind kind;
  std::string detail;
};

// Reads what encodeRecord wrote and checks its leaf hash. The payload points into `value`.
tl::expected<Record, DecodeFailure> decodeRecord(Sequence sequence, std::string_view value);

}  // namespace glaux::journal
