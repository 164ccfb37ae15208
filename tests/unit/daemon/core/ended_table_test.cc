#include "daemon/core/ended_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "api/types.h"

namespace glaux::core {
namespace {

using Table = EndedTable<CalculationId, api::CalculationState>;

CalculationId randomId(std::mt19937_64& random) {
  CalculationId id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
  return id;
}

TEST(EndedTable, HoldsWhatAMapWouldHold) {
  std::mt19937_64 random(7);
  Table table;
  std::map<CalculationId, api::CalculationState> map;
  EXPECT_FALSE(table.contains(randomId(random)));
  for (int i = 0; i < 20'000; ++i) {
    const auto id = randomId(random);
    const auto outcome = static_cast<api::CalculationState>(random() % 8);
    table.emplace(id, outcome);
    map.emplace(id, outcome);
    EXPECT_FALSE(table.contains(randomId(random)));
  }
  EXPECT_EQ(table.size(), map.size());
  for (const auto& [id, outcome] : map) EXPECT_EQ(table.find(id), outcome);
  std::size_t visited = 0;
  table.forEach([&](const CalculationId& id, api::CalculationState outcome) {
    ++visited;
    EXPECT_EQ(map.at(id), outcome);
  });
  EXPECT_EQ(visited, map.size());
}

TEST(EndedTable, IdsThatDifferInFewBitsAreFoundAsFast) {
  Table table;
  for (std::uint8_t i = 0; i < 200; ++i) {
    CalculationId id;
    id.bytes[i % 16] = i;
    if (!table.contains(id)) table.emplace(id, api::CalculationState::kFailed);
  }
  CalculationId id;
  id.bytes[7] = 7;
  EXPECT_EQ(table.find(id), api::CalculationState::kFailed);
}

TEST(EndedTable, EqualityIsOfContentsWhateverTheOrderAndRoom) {
  std::mt19937_64 random(9);
  std::vector<CalculationId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(randomId(random));
  Table one, other;
  other.reserve(5'000);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    one.emplace(ids[i], api::CalculationState::kCompleted);
    other.emplace(ids[ids.size() - 1 - i], api::CalculationState::kCompleted);
  }
  EXPECT_TRUE(one == other);
  other.emplace(randomId(random), api::CalculationState::kFailed);
  EXPECT_FALSE(one == other);
  one.emplace(randomId(random), api::CalculationState::kFailed);
  EXPECT_FALSE(one == other);
}

TEST(EndedTableDeathTest, NothingEndsTwice) {
  Table table;
  table.emplace(CalculationId{}, api::CalculationState::kFailed);
  EXPECT_DEATH(table.emplace(CalculationId{}, api::CalculationState::kFailed), "ends once");
}

}  // namespace
}  // namespace glaux::core
