#include "daemon/ctl/time_text.h"

#include <gtest/gtest.h>

namespace glaux::daemon {
namespace {

constexpr std::int64_t kMidnightMs = 1'795'219'200'000;  // 2026-11-21T00:00:00Z

std::int64_t msOf(std::string_view text) {
  const auto time = parseTimeText(text);
  return time ? time->ms : -1;
}

TEST(TimeText, IsIso8601InUtcWithMilliseconds) {
  EXPECT_EQ(timeText({kMidnightMs + 125}), "2026-11-21T00:00:00.125Z");
  EXPECT_EQ(timeText({0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(timeText({-1}), "1969-12-31T23:59:59.999Z");
}

TEST(TimeText, IsReadInEveryDocumentedForm) {
  EXPECT_EQ(msOf("2026-11-21"), kMidnightMs);
  EXPECT_EQ(msOf("2026-11-21T08:30"), kMidnightMs + (8 * 60 + 30) * 60'000);
  EXPECT_EQ(msOf("2026-11-21 08:30:05"), kMidnightMs + (8 * 60 + 30) * 60'000 + 5'000);
  EXPECT_EQ(msOf("2026-11-21T00:00:00.1259Z"), kMidnightMs + 125);
  EXPECT_EQ(msOf("2026-11-21T01:00:00+01:00"), kMidnightMs);
  EXPECT_EQ(msOf("2026-11-20T22:30:00-0130"), kMidnightMs);
  EXPECT_EQ(msOf("1795219200"), kMidnightMs);
  EXPECT_EQ(msOf("1795219200.25"), kMidnightMs + 250);
}

TEST(TimeText, OfAnythingElseIsRefused) {
  for (const char* text :
       {"", "yesterday", "2026-13-01", "2026-02-29", "2026-11-21T", "2026-11-21T8",
        "2026-11-21T24:00", "2026-11-21T08:30:00x", "2026-11-21T08:30:00+1", "12.", "-5",
        "2026-11-21T08:30:60", "99999999999999999999"})
    EXPECT_FALSE(parseTimeText(text)) << text;
}

TEST(TimeText, IsReadBackAsWritten) {
  for (const std::int64_t ms : {std::int64_t{0}, kMidnightMs, kMidnightMs + 86'399'999})
    EXPECT_EQ(msOf(timeText({ms})), ms);
}

}  // namespace
}  // namespace glaux::daemon
