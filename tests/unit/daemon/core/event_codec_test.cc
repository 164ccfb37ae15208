#include "daemon/core/event_codec.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

#include "sample_events.h"

namespace glaux::core {
namespace {

std::filesystem::path goldenPath(const SampleRecord& sample) {
  return std::filesystem::path(GLAUX_GOLDEN) / (sample.name + ".v1");
}

std::string readFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

RecordBody decoded(std::string_view bytes) {
  auto body = decodeRecord(bytes);
  EXPECT_TRUE(body.has_value()) << body.error();
  return body.value_or(RecordBody{});
}

std::vector<Event> visited(std::string_view bytes) {
  std::vector<Event> events;
  auto end = visitEvents(bytes, [&events](const Event& event) { events.push_back(event); });
  EXPECT_TRUE(end.has_value()) << end.error();
  return events;
}

// GLAUX_WRITE_GOLDEN=1 writes the files that are missing, and never changes one that is there.
TEST(EventCodec, EveryShapeEverWrittenIsReadAndWrittenAsItWas) {
  for (const SampleRecord& sample : sampleRecords()) {
    SCOPED_TRACE(sample.name);
    auto path = goldenPath(sample);
    if (std::getenv("GLAUX_WRITE_GOLDEN") && !std::filesystem::exists(path))
      std::ofstream(path, std::ios::binary) << encodeRecord(sample.body);
    std::string golden = readFile(path);
    ASSERT_FALSE(golden.empty()) << path << " is missing";
    EXPECT_EQ(decoded(golden), sample.body);
    if (sample.is_older) continue;
    EXPECT_EQ(encodeRecord(sample.body), golden);
  }
}

TEST(EventCodec, SamplesHoldEveryEvent) {
  std::set<std::size_t> kinds;
  for (const SampleRecord& sample : sampleRecords()) {
    if (!sample.body.outcome) continue;
    for (const Event& event : *sample.body.outcome) kinds.insert(event.index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Event>);
}

TEST(EventCodec, ReplaySeesTheSameEventsAsAudit) {
  for (const SampleRecord& sample : sampleRecords()) {
    SCOPED_TRACE(sample.name);
    EXPECT_EQ(visited(encodeRecord(sample.body)),
              sample.body.outcome.value_or(std::vector<Event>{}));
  }
}

TEST(EventCodec, BytesNeedNoAlignment) {
  RecordBody body = sampleRecords()[1].body;
  std::string bytes = encodeRecord(body);
  for (std::size_t offset = 0; offset < 8; ++offset) {
    std::string shifted = std::string(offset, 'x') + bytes;
    EXPECT_EQ(decoded(std::string_view(shifted).substr(offset)), body);
  }
}

TEST(EventCodec, LargeRequestsAndManyEventsAreRead) {
  RecordBody body;
  body.operation = "ReceiveReports";
  body.request = std::string(300'000, '\xfe');
  for (int i = 0; i < 5'000; ++i)
    body.outcome->push_back(CalculationProgressed{{}, {}, std::to_string(i)});
  EXPECT_EQ(decoded(encodeRecord(body)), body);
}

TEST(EventCodec, CutOffBytesAreRefused) {
  for (const SampleRecord& sample : sampleRecords()) {
    SCOPED_TRACE(sample.name);
    std::string bytes = encodeRecord(sample.body);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(decodeRecord(std::string_view(bytes).substr(0, size)).has_value()) << size;
    EXPECT_FALSE(decodeRecord(bytes + std::string(8, '\0')).has_value());
  }
}

// An older binary in front of a newer journal: the event's number is one it does not know.
TEST(EventCodec, EventOfALaterVersionIsRefused) {
  RecordBody busy;
  busy.outcome = std::vector<Event>{SessionBecameBusy{}};
  RecordBody created;
  created.outcome = std::vector<Event>{SessionCreated{}};
  std::string bytes = encodeRecord(busy);
  std::string other = encodeRecord(created);
  ASSERT_EQ(bytes.size(), other.size());
  int differences = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == other[i]) continue;
    ++differences;
    bytes[i] = '\x7f';
  }
  ASSERT_EQ(differences, 1) << "only the event's number differs";
  auto body = decodeRecord(bytes);
  ASSERT_FALSE(body.has_value());
  EXPECT_NE(body.error().find("later version"), std::string::npos) << body.error();
  EXPECT_FALSE(visitEvents(bytes, [](const Event&) {}).has_value());
}

// Whatever the bytes, there is an answer.
TEST(EventCodec, DamagedBytesDoNoHarm) {
  std::mt19937_64 random(1);
  auto samples = sampleRecords();
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = encodeRecord(samples[random() % samples.size()].body);
    for (auto flips = 1 + random() % 4; flips > 0; --flips)
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    refused += !decodeRecord(bytes).has_value();
  }
  EXPECT_GT(refused, 0);
}

TEST(EventCodec, RejectionKeepsWhatTheClientSaw) {
  RejectionText text = rejectionText(api::errors::idempotentParametersDoNotMatch());
  EXPECT_EQ(text.type, "InvalidRequestException");
  EXPECT_EQ(text.message, "Idempotent parameters do not match");
  EXPECT_EQ(text.athena_error_code, "IDEMPOTENT_PARAMETER_MISMATCH");
  EXPECT_EQ(text.resource_name, std::nullopt);
}

}  // namespace
}  // namespace glaux::core
