#include "daemon/ctl/event_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/unit/daemon/core/sample_events.h"

namespace glaux::daemon {
namespace {

using nlohmann::ordered_json;

constexpr core::Timestamp kAt{1'763'600'000'123};
constexpr core::SessionId kSession{{0xa0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
constexpr const char* kSessionText = "a0010203-0405-0607-0809-0a0b0c0d0e0f";

TEST(EventJson, ShowsIdsAsUuidsAndTimesAsIso8601) {
  EXPECT_EQ(toJson(core::SessionBecameIdle{kSession, kAt}).dump(),
            R"({"type":"SessionBecameIdle","session":")" + std::string(kSessionText) +
                R"(","idleDeadline":"2025-11-20T00:53:20.123Z"})");
}

TEST(EventJson, LeavesOutWhatHasNoValue) {
  const auto json = toJson(core::CalculationCancelRequested{{}, kSession, std::nullopt});
  EXPECT_FALSE(json.contains("killDeadline"));
  EXPECT_TRUE(toJson(core::CalculationCancelRequested{{}, kSession, kAt}).contains("killDeadline"));
}

TEST(EventJson, ShowsTheApisStructuresAsOnTheWire) {
  core::SessionStarted started;
  started.engine_configuration.max_concurrent_dpus = 20;
  started.tags = {{"team", "data"}};
  const auto json = toJson(started);
  EXPECT_EQ(json["engineConfiguration"]["MaxConcurrentDpus"], 20);
  EXPECT_EQ(json["tags"], ordered_json::parse(R"([{"Key":"team","Value":"data"}])"));
  EXPECT_FALSE(json.contains("monitoringConfiguration"));
}

TEST(EventJson, KnowsEveryEventByItsName) {
  std::set<std::string> types;
  for (const core::SampleRecord& sample : core::sampleRecords()) {
    if (!sample.body.outcome) continue;
    for (const core::Event& event : *sample.body.outcome) types.insert(toJson(event)["type"]);
  }
  EXPECT_EQ(types.size(), std::variant_size_v<core::Event>);
}

}  // namespace
}  // namespace glaux::daemon
