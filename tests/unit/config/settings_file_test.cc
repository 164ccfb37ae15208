#include "config/settings_file.h"

#include <gtest/gtest.h>

#include "tests/unit/config/support.h"

namespace glaux::config {
namespace {

TEST(SettingsFile, CommentsAndGroupsAreRead) {
  const SettingsFile file(
      "// a comment\n"
      "{\n"
      "  /* another\n"
      "     one */\n"
      "  \"listen\": \"[::1]:1\", // behind a value\n"
      "  \"audit\": {\"reads\": true},\n"
      "  \"http\": {\"max_connections\": 7, \"idle_timeout_s\": 8},\n"
      "  \"objects.bucket\": \"dotted\"\n"
      "}\n");
  const auto parsed = parseWords({"--config", file.path()});
  ASSERT_TRUE(parsed) << problemsOf({"--config", file.path()});
  EXPECT_EQ(parsed->options.listen, "[::1]:1");
  EXPECT_TRUE(parsed->options.audit.reads);
  EXPECT_EQ(parsed->options.http.max_connections, 7);
  EXPECT_EQ(parsed->options.http.idle_timeout_s, 8);
  EXPECT_EQ(parsed->options.objects.bucket, "dotted");
}

TEST(SettingsFile, AnEmptyObjectChangesNothing) { EXPECT_EQ(problemsOfFile("{}"), "none"); }

TEST(SettingsFile, EachAssignmentKnowsItsLine) {
  const SettingsFile file("{\n\n \"a\": 1,\r\n \"b\":\n\n 2, \"c\": {\n \"d\": \"x\ty\"}}");
  std::vector<Problem> problems;
  // A tab inside a string is not JSON: what stands before it is still known.
  const auto assignments = readSettingsFile(file.path(), problems);
  ASSERT_EQ(assignments.size(), 2u);
  EXPECT_EQ(assignments[0].origin, file.path() + ":3");
  EXPECT_EQ(assignments[1].origin, file.path() + ":4");
  EXPECT_EQ(problems.size(), 1u);
}

TEST(SettingsFile, WrongTypesAreNamedWithTheirLine) {
  EXPECT_EQ(problemsOfFile("{\n\"http\": {\"idle_timeout_s\": \"30\"}}"),
            "FILE:2: http.idle_timeout_s: \"30\" is not allowed: it is not a whole number; allowed "
            "is a whole number from 1 to 3600\n");
  EXPECT_EQ(problemsOfFile("{\"http\": {\"idle_timeout_s\": 1.5}}"),
            "FILE:1: http.idle_timeout_s: 1.5 is not allowed: it is not a whole number; allowed is "
            "a whole number from 1 to 3600\n");
  EXPECT_EQ(problemsOfFile("{\"audit\": {\"reads\": \"true\"}}"),
            "FILE:1: audit.reads: \"true\" is not allowed: it is neither; allowed is true or "
            "false\n");
  EXPECT_EQ(problemsOfFile("{\"executor_dir\": null}"),
            "FILE:1: executor_dir: null is not allowed: it is not a text; allowed is a directory, "
            "or nothing\n");
  EXPECT_EQ(problemsOfFile("{\"executor_dir\": [{\"listen\": 1}, [2]]}"),
            "FILE:1: executor_dir: a list is not allowed: it is not a text; allowed is a "
            "directory, or nothing\n");
  EXPECT_EQ(problemsOfFile("{\"capacity\": {\"dpus\": 18446744073709551615}}"),
            "FILE:1: capacity.dpus: 18446744073709551615 is not allowed: it is not a whole number; "
            "allowed is a whole number from 2 to 1000000\n");
}

TEST(SettingsFile, UnknownNamesAreAnsweredWithTheNearest) {
  EXPECT_EQ(problemsOfFile("{\n\n\"htpp\": {\"idle_timeout_s\": 1}}"),
            "FILE:3: htpp.idle_timeout_s: there is no such setting; did you mean "
            "'http.idle_timeout_s'?\n");
  EXPECT_EQ(problemsOfFile("{\"http\": 5}"),
            "FILE:1: http: this is a group of settings; give it as an object\n");
  EXPECT_EQ(problemsOfFile("{\"listen\": {\"port\": 5}}"),
            "FILE:1: listen.port: there is no such setting\n");
}

TEST(SettingsFile, ASettingGivenTwiceIsAProblem) {
  EXPECT_EQ(problemsOfFile("{\"capacity\": {\"dpus\": 2},\n \"capacity\": {\"dpus\": 3}}"),
            "FILE:2: capacity.dpus: it is given twice\n");
}

TEST(SettingsFile, WhatIsNoJsonObjectIsAProblem) {
  EXPECT_EQ(problemsOfFile("[1]"), "FILE: the file is not an object\n");
  EXPECT_EQ(problemsOfFile("5"), "FILE: the file is not an object\n");
  for (const char* text : {"", "{", "{} x", "{\"listen\": }", "{'listen': 1}", "\xff"}) {
    EXPECT_TRUE(problemsOfFile(text).starts_with("FILE: parse error at line 1")) << text;
  }
}

TEST(SettingsFile, AFileThatCannotBeReadIsAProblem) {
  EXPECT_EQ(problemsOf({"--config", "/does/not/exist"}),
            "/does/not/exist: cannot be read: No such file or directory\n");
  EXPECT_EQ(problemsOf({"--config", "/"}), "/: cannot be read: Is a directory\n");
}

}  // namespace
}  // namespace glaux::config
