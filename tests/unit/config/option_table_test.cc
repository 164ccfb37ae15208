#include "config/option_table.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/config/support.h"

namespace glaux::config {
namespace {

TEST(OptionTable, NamesAndMembersAreDistinct) {
  std::set<std::string_view> names;
  std::set<const void*> members;
  Options options;
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    const void* member =
        std::visit([&](auto accessor) { return static_cast<const void*>(&accessor(options)); },
                   setting.member);
    EXPECT_TRUE(members.insert(member).second) << setting.name;
    EXPECT_FALSE(setting.help.empty()) << setting.name;
    EXPECT_FALSE(allowedText(setting).empty()) << setting.name;
  }
}

TEST(OptionTable, DefaultsAreAllowed) {
  Options options;
  for (const Setting& setting : settings()) {
    if (const auto* number = std::get_if<NumberMember>(&setting.member)) {
      EXPECT_LE(setting.range.min, (*number)(options)) << setting.name;
      EXPECT_GE(setting.range.max, (*number)(options)) << setting.name;
    }
    const auto* text = std::get_if<TextMember>(&setting.member);
    if (text != nullptr && setting.fault != nullptr) {
      EXPECT_EQ(setting.fault((*text)(options)), std::nullopt) << setting.name;
    }
  }
}

TEST(OptionTable, GroupsAreContiguous) {
  std::set<std::string_view> ended;
  std::string_view group;
  for (const Setting& setting : settings()) {
    const auto dot = setting.name.find('.');
    const auto next = dot == std::string_view::npos ? "" : setting.name.substr(0, dot);
    if (next == group) continue;
    EXPECT_TRUE(ended.insert(next).second) << setting.name;
    group = next;
  }
}

TEST(OptionTable, ANameHasThreeSpellings) {
  const Setting& setting = *findSetting("journal.head_interval_ms");
  EXPECT_EQ(flagOf(setting), "--journal-head-interval-ms");
  EXPECT_EQ(variableOf(setting), "GLAUX_JOURNAL_HEAD_INTERVAL_MS");
  EXPECT_EQ(allowedText(setting), "a whole number from 10 to 1000");
}

TEST(OptionTable, TheNearestNameIsFoundInAnySpelling) {
  const Setting* setting = findSetting("http.max_body_bytes");
  EXPECT_EQ(nearestSetting("http.max_body_byte"), setting);
  EXPECT_EQ(nearestSetting("--http-max-boddy-bytes"), setting);
  EXPECT_EQ(nearestSetting("GLAUX_HTTP_MAXBODYBYTES"), setting);
  EXPECT_EQ(nearestSetting("zzzzzzzzzz"), nullptr);
  EXPECT_EQ(nearestSetting(""), nullptr);
  EXPECT_EQ(nearestSetting(std::string(1'000'000, 'x')), nullptr);
}

TEST(OptionTable, AReloadTakesOnlyLiveSettings) {
  Options fresh;
  fresh.log.level = "debug";
  fresh.session.idle_timeout_minutes = 5;
  fresh.listen = "127.0.0.1:1";
  fresh.journal.snapshot_records = 100;
  std::vector<std::string> need_restart;
  const Options taken = reload(Options{}, fresh, need_restart);

  Options expected;
  expected.log.level = "debug";
  expected.session.idle_timeout_minutes = 5;
  EXPECT_EQ(textOf(taken), textOf(expected));
  EXPECT_EQ(need_restart, (std::vector<std::string>{"listen", "journal.snapshot_records"}));
}

}  // namespace
}  // namespace glaux::config
