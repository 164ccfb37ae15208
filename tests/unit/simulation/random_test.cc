#include "tests/simulation/random.h"

#include <gtest/gtest.h>

#include <array>

namespace glaux::simulation {
namespace {

TEST(RandomTest, TheSameSeedGivesTheSameNumbersOnEveryMachine) {
  Random random(1234567);
  // The generator's published reference values for this seed.
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
  EXPECT_EQ(random.next(), 9817491932198370423u);
}

TEST(RandomTest, BelowReachesEveryNumberAboutEquallyOften) {
  Random random(1);
  std::array<int, 7> seen{};
  for (int i = 0; i < 70'000; ++i) ++seen[random.below(seen.size())];
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

TEST(RandomTest, ChanceIsThatOfItsPercentage) {
  Random random(1);
  int often = 0;
  for (int i = 0; i < 100'000; ++i) {
    often += random.chance(20);
    EXPECT_FALSE(random.chance(0));
    EXPECT_TRUE(random.chance(100));
  }
  EXPECT_NEAR(often, 20'000, 1000);
}

TEST(RandomTest, AForkDependsOnItsNameAndDisturbsNobody) {
  Random random(1);
  Random undisturbed(1);
  Random disk = random.fork("disk");
  Random disk_again = random.fork("disk");
  Random clients = random.fork("clients");
  EXPECT_EQ(disk.next(), disk_again.next());
  EXPECT_NE(disk.next(), clients.next());
  EXPECT_EQ(random.next(), undisturbed.next());
}

}  // namespace
}  // namespace glaux::simulation
