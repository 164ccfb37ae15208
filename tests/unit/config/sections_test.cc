// The sections of the settings file: executors and engines.
#include "config/sections.h"

#include <gtest/gtest.h>

#include "tests/unit/config/support.h"

namespace glaux::config {
namespace {

Options optionsOf(const std::string& content) {
  const SettingsFile file(content);
  const auto parsed = parseWords({"--config", file.path()});
  EXPECT_TRUE(parsed) << problemsOf({"--config", file.path()});
  return parsed ? parsed->options : Options{};
}

std::map<std::string, std::string> textsOf(const ExecutorSettings& settings) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : settings) texts[name] = value.text;
  return texts;
}

TEST(Sections, ExecutorsHaveSettingsWhichBecomeText) {
  const Options options = optionsOf(
      R"({"executors": {"container": {"image": "a b", "pids": 512, "cpus": 1.50, "gpu": true,
                                      "user": "", "big": 18446744073709551615},
                        "mock": {}}})");
  ASSERT_TRUE(options.executors.contains("container"));
  EXPECT_EQ(textsOf(options.executors.at("container")),
            (std::map<std::string, std::string>{{"image", "a b"},
                                                {"pids", "512"},
                                                {"cpus", "1.50"},
                                                {"gpu", "true"},
                                                {"user", ""},
                                                {"big", "18446744073709551615"}}));
}

TEST(Sections, EnginesNameExecutorKernelAndSettings) {
  const Options options = optionsOf(
      "{\"engines\": {\n"
      " \"PySpark engine version 3.5\": {\"executor\": \"container\",\n"
      "   \"settings\": {\"image\": \"x\"}},\n"
      " \"R\": {\"kernel\": \"ir\"},\n"
      " \"Plain\": {}, \"Settled\": {\"settings\": {}}}}");
  ASSERT_EQ(options.engines.size(), 4u);
  const EngineOptions& dotted = options.engines.at("PySpark engine version 3.5");
  EXPECT_EQ(dotted.executor, "container");
  EXPECT_EQ(dotted.kernel, "");
  EXPECT_EQ(textsOf(dotted.settings), (std::map<std::string, std::string>{{"image", "x"}}));
  EXPECT_TRUE(dotted.settings.at("image").origin.ends_with(":3"));
  EXPECT_TRUE(dotted.origin.ends_with(":2"));
  EXPECT_EQ(options.engines.at("R").kernel, "ir");
  EXPECT_EQ(options.engines.at("Plain").executor, "");
}

TEST(Sections, MayBeEmpty) {
  const Options options = optionsOf(R"({"engines": {}, "executors": {}, "http": {}})");
  EXPECT_TRUE(options.engines.empty());
  EXPECT_TRUE(options.executors.empty());
}

TEST(Sections, SettingsOfAKindThatIsNoTextAreRefusedWithTheirPlace) {
  const std::string allowed =
      " is not allowed: it is none of them; allowed is a text of at most 4096 bytes, a number, "
      "true or false\n";
  EXPECT_EQ(problemsOfFile("{\"executors\": {\n\"mock\": {\"a\": [1]}}}"),
            "FILE:2: executors.mock.a: a list" + allowed);
  EXPECT_EQ(problemsOfFile("{\"executors\": {\"mock\": {\"a\": null}}}"),
            "FILE:1: executors.mock.a: null" + allowed);
  EXPECT_EQ(problemsOfFile("{\"engines\": {\"E\": {\n\n\"settings\": {\"a\": {}}}}}"),
            "FILE:3: engines.E.settings.a: an object" + allowed);
  EXPECT_NE(
      problemsOfFile("{\"executors\": {\"mock\": {\"a\": \"" + std::string(4097, 'x') + "\"}}}"),
      "none");
  EXPECT_EQ(
      problemsOfFile("{\"executors\": {\"mock\": {\"a\": \"" + std::string(4096, 'x') + "\"}}}"),
      "none");
  EXPECT_NE(problemsOfFile("{\"executors\": {\"mock\": {\"a\": \"x\\u0000\"}}}"), "none");
}

TEST(Sections, AnotherFormIsRefusedWithTheRightOne) {
  const std::string executors =
      "settings of an executor are given as {\"<executor>\": {\"<setting>\": …}}\n";
  EXPECT_EQ(problemsOfFile(R"({"executors": 5})"), "FILE:1: executors: " + executors);
  EXPECT_EQ(problemsOfFile(R"({"executors": {"mock": "x"}})"),
            "FILE:1: executors.mock: " + executors);
  EXPECT_EQ(problemsOfFile(R"({"executors": {"mock": {"a": {"b": 1}}}})"),
            "FILE:1: executors.mock.a.b: " + executors);
  EXPECT_EQ(problemsOfFile(R"({"engines": {"E": "mock"}})"),
            "FILE:1: engines.E: engines are given as {\"<engine version>\": {\"executor\": …}}\n");
  for (const char* engine :
       {R"({"image": "x"})", R"({"settings": "x"})", R"({"executor": {"name": "mock"}})",
        R"({"settings": {"a": {"b": 1}}})"}) {
    const std::string problems =
        problemsOfFile(std::string(R"({"engines": {"E": )") + engine + "}}");
    EXPECT_TRUE(problems.starts_with("FILE:1: engines.E.")) << problems;
    EXPECT_NE(problems.find("an engine has 'executor', 'kernel' and 'settings'"), problems.npos)
        << problems;
  }
}

TEST(Sections, ExecutorsAndKernelsOfEnginesHaveTheFormOfTheirDefaults) {
  EXPECT_EQ(problemsOfFile(R"({"engines": {"E": {"executor": "../mock"}}})"),
            "FILE:1: engines.E.executor: \"../mock\" is not allowed: it has other characters or is "
            "empty; allowed is lower-case letters, digits and '-'\n");
  EXPECT_EQ(problemsOfFile(R"({"engines": {"E": {"kernel": 3}}})"),
            "FILE:1: engines.E.kernel: 3 is not allowed: it is not a text; allowed is letters, "
            "digits, '.', '_' and '-'\n");
}

TEST(Sections, EnginesOfSqlAreRefused) {
  for (const char* name : {"AUTO", "Athena engine version 3"}) {
    EXPECT_EQ(problemsOfFile(std::string(R"({"engines": {")") + name + R"(": {}}})"),
              std::string("FILE:1: engines.") + name +
                  ": this engine version is the one for SQL and runs no sessions; choose another "
                  "name\n");
  }
  EXPECT_NE(problemsOfFile(R"({"engines": {"": {}}})"), "none");
  EXPECT_NE(problemsOfFile(R"({"engines": {")" + std::string(129, 'x') + R"(": {}}})"), "none");
  EXPECT_EQ(problemsOfFile(R"({"engines": {")" + std::string(128, 'x') + R"(": {}}})"), "none");
}

TEST(Sections, TheKernelIsNoSettingOfAnExecutor) {
  for (const char* content : {R"({"executors": {"process": {"kernel": "ir"}}})",
                              R"({"engines": {"E": {"settings": {"kernel": "ir"}}}})"}) {
    const std::string problems = problemsOfFile(content);
    EXPECT_NE(problems.find("give it as 'executor.kernel', or as 'kernel' of an engine"),
              problems.npos)
        << problems;
  }
}

TEST(Sections, AMistypedSectionIsAnsweredWithTheNearest) {
  EXPECT_EQ(problemsOfFile(R"({"engine": {"E": {"executor": "mock"}}})"),
            "FILE:1: engine.E.executor: there is no such setting; did you mean 'engines'?\n");
  EXPECT_EQ(problemsOfFile(R"({"executor": {"mock": {"a": 1}}})"),
            "FILE:1: executor.mock.a: there is no such setting; did you mean 'executors'?\n");
  EXPECT_EQ(problemsOfFile(R"({"htpp": {}})"), "FILE:1: htpp: there is no such setting\n");
}

TEST(Sections, WhatIsGivenTwiceIsAProblem) {
  EXPECT_EQ(problemsOfFile("{\"engines\": {\"E\": {\"executor\": \"a\"},\n"
                           "\"E\": {\"executor\": \"b\"}}}"),
            "FILE:2: engines.E.executor: it is given twice\n");
}

TEST(Sections, HaveNoFlags) {
  EXPECT_NE(problemsOf({"--engines", "{}"}), "none");
  EXPECT_NE(problemsOf({}, {{"GLAUX_ENGINES", "{}"}}), "none");
}

TEST(Sections, AreTakenOverByAReload) {
  Options running;
  running.engines["Old"].executor = "mock";
  Options fresh;
  fresh.engines["New"].executor = "mock";
  fresh.executors["mock"]["a"] = {"1", "f:1"};
  std::vector<std::string> need_restart;
  const Options taken = reload(running, fresh, need_restart);
  EXPECT_EQ(taken.engines, fresh.engines);
  EXPECT_EQ(taken.executors, fresh.executors);
  EXPECT_TRUE(need_restart.empty());
}

TEST(Sections, AreInHelpAndExample) {
  for (const Section& section : sections()) {
    const std::string name = "\"" + std::string(section.name) + "\"";
    EXPECT_NE(helpText().find(name + "\n"), std::string::npos) << name;
    EXPECT_NE(exampleFile().find(name + ": {}"), std::string::npos) << name;
    EXPECT_EQ(problemsOfFile("{" + name + ": {" + std::string(section.example) + "}}"), "none");
  }
}

}  // namespace
}  // namespace glaux::config
