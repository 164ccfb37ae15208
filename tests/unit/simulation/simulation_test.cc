#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

namespace glaux::simulation {
namespace {

constexpr std::uint64_t kCrashes = 30;

class SimulationTest : public testing::Test {
 protected:
  SimulationTest() { spdlog::set_level(spdlog::level::off); }
};

TEST_F(SimulationTest, TheSameSeedGivesTheSameHistoryByteForByte) {
  for (std::uint64_t seed : {11, 12, 13}) {
    const Result first = Simulation(seed, kCrashes).run();
    const Result second = Simulation(seed, kCrashes).run();
    EXPECT_EQ(first.digest, second.digest) << seed;
    EXPECT_EQ(first.points, second.points) << seed;
    EXPECT_EQ(first.answers, second.answers) << seed;
  }
}

TEST_F(SimulationTest, AnotherSeedGivesAnotherHistory) {
  EXPECT_NE(Simulation(11, kCrashes).run().digest, Simulation(12, kCrashes).run().digest);
}

TEST_F(SimulationTest, WatchingChangesNothing) {
  Simulation watched(11, kCrashes);
  std::uint64_t lines = 0;
  watched.trace([&lines](const std::string&) { ++lines; });
  const Result seen = watched.run();
  const Result unseen = Simulation(11, kCrashes).run();
  EXPECT_EQ(seen.digest, unseen.digest);
  EXPECT_EQ(seen.points, unseen.points);
  EXPECT_GT(lines, seen.records);
}

TEST_F(SimulationTest, PromisesAreKept) {
  for (std::uint64_t seed = 21; seed <= 30; ++seed) {
    const Result result = Simulation(seed, kCrashes).run();
    EXPECT_FALSE(result.broken) << "seed " << seed << ": " << result.broken.value_or("");
    EXPECT_EQ(result.crash_points, kCrashes);
    EXPECT_GT(result.records, 0u);
  }
}

}  // namespace
}  // namespace glaux::simulation
