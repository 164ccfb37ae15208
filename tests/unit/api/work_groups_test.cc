#include "api/work_groups.h"

#include <gtest/gtest.h>

namespace glaux::api {
namespace {

TEST(AdditionalConfiguration, IsReadForWhatIsOurs) {
  const auto settings = readAdditionalConfiguration(
      R"({"CalculationMode":"queue","SessionIdleTimeoutInMinutes":7,"Other":[1],)"
      R"("Network":"none"})");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->calculation_mode, CalculationMode::kQueue);
  EXPECT_EQ(settings->session_idle_timeout_in_minutes, 7);
  EXPECT_EQ(settings->network, Network::kNone);
}

TEST(AdditionalConfiguration, OfAnotherKindSaysNothing) {
  for (const auto& text : {std::optional<std::string>(), std::optional<std::string>("free text {"),
                           std::optional<std::string>("[]"), std::optional<std::string>("{}")}) {
    EXPECT_EQ(readAdditionalConfiguration(text), AdditionalConfiguration{}) << text.value_or("-");
  }
}

TEST(AdditionalConfiguration, WithAWrongValueNamesIt) {
  const auto mode = readAdditionalConfiguration(R"({"CalculationMode":"parallel"})");
  ASSERT_FALSE(mode);
  EXPECT_EQ(
      mode.error().message,
      "AdditionalConfiguration: 1 validation error detected: Value at 'calculationMode' failed "
      "to satisfy constraint: Member must satisfy enum value set: [strict, queue]");
  EXPECT_FALSE(readAdditionalConfiguration(R"({"SessionIdleTimeoutInMinutes":481})"));
  EXPECT_FALSE(readAdditionalConfiguration(R"({"SessionIdleTimeoutInMinutes":"long"})"));
  EXPECT_FALSE(readAdditionalConfiguration(R"({"Network":"host"})"));
}

}  // namespace
}  // namespace glaux::api
