#include "config/command_line.h"

#include <gtest/gtest.h>

#include "tests/unit/config/support.h"

namespace glaux::config {
namespace {

TEST(CommandLine, WithoutWordsTheDaemonRunsWithDefaults) {
  const auto parsed = parseWords({});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->verb, Verb::kRun);
  EXPECT_EQ(parsed->config_file, "");
  EXPECT_EQ(textOf(parsed->options), textOf(Options{}));
}

TEST(CommandLine, VerbsAreRecognized) {
  EXPECT_EQ(parseWords({"run"})->verb, Verb::kRun);
  EXPECT_EQ(parseWords({"check-config"})->verb, Verb::kCheckConfig);
  EXPECT_EQ(parseWords({"print-config"})->verb, Verb::kPrintConfig);
  EXPECT_EQ(parseWords({"version"})->verb, Verb::kVersion);
  EXPECT_EQ(parseWords({"--version"})->verb, Verb::kVersion);
  EXPECT_EQ(parseWords({"help"})->verb, Verb::kHelp);
  EXPECT_EQ(parseWords({"--help"})->verb, Verb::kHelp);
  EXPECT_EQ(parseWords({"-h"})->verb, Verb::kHelp);
  EXPECT_EQ(parseWords({"--state-dir", "x", "check-config"})->verb, Verb::kCheckConfig);
}

TEST(CommandLine, HelpIsGivenWhateverTheSettingsAre) {
  EXPECT_EQ(problemsOf({"--help", "--listen", "nonsense"}, {{"GLAUX_LISTEN", "nonsense"}}), "none");
  EXPECT_EQ(problemsOf({"version", "--config", "/does/not/exist"}), "none");
}

TEST(CommandLine, UnknownVerbsAreNamedWithTheKnownOnes) {
  EXPECT_EQ(problemsOf({"start"}),
            "command line: 'start' is not a verb; the verbs are run, check-config, print-config, "
            "version, help\n");
  EXPECT_EQ(problemsOf({"run", "fast"}), "command line: 'fast' is not expected here\n");
}

TEST(CommandLine, EverySettingHasAFlagAndAVariable) {
  for (const Setting& setting : settings()) {
    const std::string value = [&] {
      if (std::holds_alternative<SwitchMember>(setting.member)) return std::string("true");
      if (std::holds_alternative<NumberMember>(setting.member)) {
        return std::to_string(setting.range.min);
      }
      const std::string shown = valueText(setting, Options{});
      return shown == "\"\"" ? std::string("x") : shown.substr(1, shown.size() - 2);
    }();
    Options expected;
    if (const auto* member = std::get_if<NumberMember>(&setting.member)) {
      (*member)(expected) = setting.range.min;
    } else if (const auto* on = std::get_if<SwitchMember>(&setting.member)) {
      (*on)(expected) = true;
    } else {
      std::get<TextMember>(setting.member)(expected) = value;
    }
    const auto by_flag = parseWords({flagOf(setting), value});
    ASSERT_TRUE(by_flag) << setting.name;
    EXPECT_EQ(textOf(by_flag->options), textOf(expected));
    EXPECT_TRUE(parseWords({flagOf(setting) + "=" + value})) << setting.name;
    const auto by_variable = parseWords({}, {{variableOf(setting), value}});
    ASSERT_TRUE(by_variable) << setting.name;
    EXPECT_EQ(textOf(by_variable->options), textOf(expected));
  }
}

TEST(CommandLine, FlagsBeatTheEnvironmentWhichBeatsTheFileWhichBeatsDefaults) {
  const SettingsFile file(R"({"http": {"idle_timeout_s": 1, "max_connections": 1},
                              "capacity": {"dpus": 11}})");
  const auto parsed =
      parseWords({"--config", file.path(), "--http-idle-timeout-s", "3"},
                 {{"GLAUX_HTTP_IDLE_TIMEOUT_S", "2"}, {"GLAUX_HTTP_MAX_CONNECTIONS", "2"}});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->config_file, file.path());
  EXPECT_EQ(parsed->options.http.idle_timeout_s, 3);
  EXPECT_EQ(parsed->options.http.max_connections, 2);
  EXPECT_EQ(parsed->options.capacity.dpus, 11);
  EXPECT_EQ(parsed->options.session.default_dpus, 20);
}

TEST(CommandLine, TheFileMayBeNamedByTheEnvironment) {
  const SettingsFile file(R"({"capacity": {"dpus": 11}})");
  const SettingsFile other(R"({"capacity": {"dpus": 12}})");
  EXPECT_EQ(parseWords({}, {{"GLAUX_CONFIG", file.path()}})->options.capacity.dpus, 11);
  EXPECT_EQ(parseWords({"--config", other.path()}, {{"GLAUX_CONFIG", file.path()}})
                ->options.capacity.dpus,
            12);
}

TEST(CommandLine, TheLastOfARepeatedFlagCounts) {
  EXPECT_EQ(parseWords({"--capacity-dpus", "5", "--capacity-dpus", "6"})->options.capacity.dpus, 6);
}

TEST(CommandLine, WhatIsNotAllowedIsNamedWithValueRangeAndOrigin) {
  EXPECT_EQ(
      problemsOf({"--session-idle-timeout-minutes", "481"}),
      "--session-idle-timeout-minutes: session.idle_timeout_minutes: '481' is not allowed: it "
      "is too large; allowed is a whole number from 1 to 480\n");
  EXPECT_EQ(problemsOf({}, {{"GLAUX_AUDIT_READS", "yes"}}),
            "GLAUX_AUDIT_READS: audit.reads: 'yes' is not allowed: it is neither; allowed is true "
            "or false\n");
  EXPECT_EQ(problemsOf({"--log-level=loud"}),
            "--log-level: log.level: 'loud' is not allowed: it is none of them; allowed is one of "
            "trace, debug, info, warning, error, critical, off\n");
}

TEST(CommandLine, NumbersAreWholeAndWithinTheirRange) {
  for (const char* value : {"0", "-1", "481", "99999999999999999999", "1.5", "", "x", "1x", " 1"}) {
    EXPECT_NE(problemsOf({}, {{"GLAUX_SESSION_IDLE_TIMEOUT_MINUTES", value}}), "none") << value;
  }
  for (const char* value : {"1", "480"}) {
    EXPECT_EQ(problemsOf({}, {{"GLAUX_SESSION_IDLE_TIMEOUT_MINUTES", value}}), "none") << value;
  }
}

TEST(CommandLine, OnlyLoopbackMayBeListenedOn) {
  for (const char* allowed : {"127.0.0.1:0", "127.9.9.9:65535", "[::1]:8420", "localhost:1"}) {
    EXPECT_EQ(problemsOf({"--listen", allowed}), "none") << allowed;
  }
  EXPECT_EQ(problemsOf({"--listen", "0.0.0.0:8420"}),
            "--listen: listen: '0.0.0.0:8420' is not allowed: other machines could reach it, and "
            "signatures of requests are not verified yet; allowed is HOST:PORT on this machine's "
            "loopback: 127.0.0.1, [::1] or localhost\n");
  for (const char* refused : {"[::]:1", "192.168.0.1:1", "example.com:1", "127.0.0.1", "8420"}) {
    EXPECT_NE(problemsOf({"--listen", refused}), "none") << refused;
  }
}

TEST(CommandLine, TextsHaveTheirForms) {
  const std::pair<const char*, const char*> refused[] = {
      {"--state-dir", ""},          {"--account", "12345678901"},  {"--account", "12345678901x"},
      {"--region", "US"},           {"--objects-bucket", "ab"},    {"--objects-bucket", "A-b"},
      {"--objects-bucket", "-abc"}, {"--executor-default", "a/b"}, {"--executor-kernel", "../x"},
  };
  for (const auto& [flag, value] : refused) {
    EXPECT_NE(problemsOf({std::string(flag) + "=" + value}), "none") << flag << " " << value;
  }
}

TEST(CommandLine, UnknownSettingsAreAnsweredWithTheNearestName) {
  EXPECT_EQ(problemsOf({"--state-dri", "x"}),
            "command line: --state-dri: there is no such setting; did you mean --state-dir?\n");
  EXPECT_EQ(problemsOf({"--idle-timeout-s=5"}),
            "command line: --idle-timeout-s: there is no such setting; did you mean "
            "--http-idle-timeout-s?\n");
  EXPECT_EQ(problemsOf({}, {{"GLAUX_LISTENS", "x"}}),
            "environment: GLAUX_LISTENS: there is no such setting; did you mean GLAUX_LISTEN?\n");
  EXPECT_EQ(problemsOf({"--frobnicate=5"}),
            "command line: --frobnicate: there is no such setting\n");
}

TEST(CommandLine, AllProblemsAreReported) {
  const SettingsFile file("{\n  \"listen\": 5,\n  \"http\": {\n    \"max_bodies\": 1\n  }\n}\n");
  EXPECT_EQ(problemsOf({"--config", file.path(), "--capacity-dpus", "1", "--bogus-flag"},
                       {{"GLAUX_ACCOUNT", "1"}}),
            "command line: --bogus-flag: there is no such setting\n" + file.path() +
                ":2: listen: 5 is not allowed: it is not a text; allowed is HOST:PORT on this "
                "machine's loopback: 127.0.0.1, [::1] or localhost\n" +
                file.path() +
                ":4: http.max_bodies: there is no such setting; did you mean "
                "'http.max_body_bytes'?\n"
                "GLAUX_ACCOUNT: account: '1' is not allowed: it does not have 12 digits; allowed "
                "is 12 digits\n"
                "--capacity-dpus: capacity.dpus: '1' is not allowed: it is too small; allowed is a "
                "whole number from 2 to 1000000\n");
}

TEST(CommandLine, AFlagWithoutItsValueIsAProblem) {
  EXPECT_NE(problemsOf({"--listen"}), "none");
  EXPECT_NE(problemsOf({"--config"}), "none");
}

TEST(CommandLine, OnlyOurVariablesAreTakenFromTheEnvironment) {
  const char* const envp[] = {"PATH=/bin", "GLAUX_LISTEN=a=b", "GLAUX_ODD", "XGLAUX_LISTEN=c",
                              nullptr};
  EXPECT_EQ(environmentOf(envp), (Environment{{"GLAUX_LISTEN", "a=b"}}));
}

}  // namespace
}  // namespace glaux::config
