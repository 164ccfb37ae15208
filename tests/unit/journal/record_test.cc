#include "journal/record.h"

#include <gtest/gtest.h>

#include <limits>

namespace glaux::journal {
namespace {

// The worked example of FORMAT.md. These bytes are on disks: they never change.
constexpr std::string_view kGoldenValue =
    "01"                // format
    "01"                // flags: skippable
    "0102"              // kind 258
    "0003"              // version 3
    "0000018bcfe56800"  // 2023-11-14T22:13:20Z
    "68656c6c6f"        // "hello"
    "38003936140abea44b23eeb5b1fa14b2b7e74f4c2d14e0e83c9448c80aa63569";

Draft example() {
  Draft draft;
  draft.time_ms = 1'700'000'000'000;
  draft.kind = 258;
  draft.version = 3;
  draft.skippable = true;
  draft.payload = "hello";
  return draft;
}

DecodeFailure::Kind failureOf(Sequence sequence, std::string_view value) {
  const auto record = decodeRecord(sequence, value);
  EXPECT_FALSE(record);
  return record ? DecodeFailure::Kind{-1} : record.error().kind;
}

TEST(Record, EncodingIsTheDocumentedOne) {
  std::string value;
  const Hash leaf = encodeRecord(42, example(), &value);
  EXPECT_EQ(toHex(value), kGoldenValue);
  EXPECT_EQ(toHex(encodeSequence(42)), "000000000000002a");
  EXPECT_EQ(leaf,
            sha256(std::string(1, '\0') + encodeSequence(42) + value.substr(0, value.size() - 32)));
}

TEST(Record, DecodingGivesBackWhatWasEncoded) {
  std::string value;
  const Hash leaf = encodeRecord(42, example(), &value);
  const auto record = decodeRecord(42, value);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->sequence, 42u);
  EXPECT_EQ(record->time_ms, 1'700'000'000'000);
  EXPECT_EQ(record->kind, 258);
  EXPECT_EQ(record->version, 3);
  EXPECT_TRUE(record->skippable);
  EXPECT_EQ(record->payload, "hello");
  EXPECT_EQ(record->leaf_hash, leaf);
}

TEST(Record, ExtremeValuesSurvive) {
  Draft extreme;
  extreme.time_ms = std::numeric_limits<std::int64_t>::min();
  extreme.kind = 0xffff;
  extreme.version = 0xffff;
  const Sequence last = std::numeric_limits<Sequence>::max();
  std::string value = "left over from the record before";
  encodeRecord(last, extreme, &value);
  EXPECT_EQ(value.size(), kRecordOverheadBytes);
  const auto record = decodeRecord(last, value);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->time_ms, extreme.time_ms);
  EXPECT_EQ(record->kind, 0xffff);
  EXPECT_FALSE(record->skippable);
  EXPECT_EQ(record->payload, "");
}

TEST(Record, EveryFlippedBitIsNoticed) {
  std::string value;
  encodeRecord(42, example(), &value);
  for (std::size_t bit = 0; bit < 8 * value.size(); ++bit) {
    std::string damaged = value;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(decodeRecord(42, damaged)) << "bit " << bit;
  }
}

TEST(Record, ARecordUnderAnotherNumberHasABadHash) {
  std::string value;
  encodeRecord(42, example(), &value);
  EXPECT_EQ(failureOf(43, value), DecodeFailure::Kind::kBadHash);
}

TEST(Record, ANewerFormatIsNamedBeforeAnythingElseIsJudged) {
  EXPECT_EQ(failureOf(1, "\x02 unlike anything known"), DecodeFailure::Kind::kNewerFormat);
}

TEST(Record, TooFewBytesAreUndecodable) {
  EXPECT_EQ(failureOf(1, ""), DecodeFailure::Kind::kUndecodable);
  EXPECT_EQ(failureOf(1, std::string(kRecordOverheadBytes - 1, '\x01')),
            DecodeFailure::Kind::kUndecodable);
}

TEST(Record, UndefinedFlagsAreUndecodableEvenIfTheHashFits) {
  std::string value;
  encodeRecord(42, example(), &value);
  value[1] = '\x03';
  const std::string hashed = value.substr(0, value.size() - 32);
  const Hash leaf = sha256({std::string_view("\0", 1), encodeSequence(42), hashed});
  EXPECT_EQ(failureOf(42, hashed + std::string(leaf.view())), DecodeFailure::Kind::kUndecodable);
}

TEST(Record, KeysSortAsNumbersDo) {
  EXPECT_LT(encodeSequence(255), encodeSequence(256));
  EXPECT_LT(encodeSequence(0x7fffffffffffffff), encodeSequence(0x8000000000000000));
  EXPECT_EQ(decodeSequence(encodeSequence(0x8000000000000001)), 0x8000000000000001u);
  EXPECT_EQ(decodeSequence("short"), std::nullopt);
}

TEST(Hash, IsSha256) {
  // FIPS 180-4 example, "abc".
  EXPECT_EQ(sha256("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256({"a", "", "bc"}), sha256("abc"));
}

TEST(Hash, HexIsReadBackAndNothingElseIs) {
  const Hash hash = sha256("abc");
  EXPECT_EQ(Hash::fromHex(hash.hex()), hash);
  EXPECT_EQ(Hash::fromHex(hash.hex().substr(1)), std::nullopt);
  EXPECT_EQ(Hash::fromHex("g" + hash.hex().substr(1)), std::nullopt);
  EXPECT_EQ(Hash::fromHex(hash.hex() + "00"), std::nullopt);
}

}  // namespace
}  // namespace glaux::journal
