// The texts made from the table.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/config/support.h"

namespace glaux::config {
namespace {

std::string contentOf(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

TEST(Manual, TheExampleInTheTreeIsTheGeneratedOne) {
  EXPECT_EQ(contentOf(GLAUX_EXAMPLE_FILE), exampleFile())
      << "run: glauxd print-config > config/glaux.json.example";
}

TEST(Manual, TheExampleGivesEverySettingItsDefault) {
  const auto parsed = parseWords({"--config", GLAUX_EXAMPLE_FILE});
  ASSERT_TRUE(parsed) << problemsOf({"--config", GLAUX_EXAMPLE_FILE});
  EXPECT_EQ(textOf(parsed->options), textOf(Options{}));

  // It does give them: each one taken out of the text is missing from the text.
  for (const Setting& setting : settings()) {
    const std::string last(setting.name.substr(setting.name.rfind('.') + 1));
    EXPECT_NE(exampleFile().find("\"" + last + "\": " + valueText(setting, Options{})),
              std::string::npos)
        << setting.name;
  }
}

TEST(Manual, HelpNamesEverySettingWithItsDefaultAndRange) {
  const std::string help = helpText();
  for (const Setting& setting : settings()) {
    EXPECT_NE(help.find("  " + flagOf(setting) + " "), std::string::npos) << setting.name;
  }
  EXPECT_NE(help.find("  --session-idle-timeout-minutes N\n"), std::string::npos);
  EXPECT_NE(help.find("Default: 20. Allowed: a whole number from 1 to 480."), std::string::npos);
  for (const char* verb : {"run", "check-config", "print-config", "version", "help"}) {
    EXPECT_NE(help.find(std::string("\n  ") + verb + " "), std::string::npos) << verb;
  }
}

TEST(Manual, LinesFitATerminal) {
  std::istringstream help(helpText() + exampleFile());
  for (std::string line; std::getline(help, line);) EXPECT_LE(line.size(), 100u) << line;
}

}  // namespace
}  // namespace glaux::config
