#include <gtest/gtest.h>

#include <map>

#include "plugins/client/manifest.h"
#include "tests/unit/plugins/temporary_directory.h"

namespace glaux::plugins {
namespace {

class Manifests : public ::testing::Test {
 protected:
  void install(const std::string& name, const std::string& manifest) {
    executors.write(name + "/manifest.json", manifest);
    executors.write(name + "/run", "#!/bin/sh\n");
    std::filesystem::permissions(executors.path / name / "run", std::filesystem::perms::owner_all);
  }

  // The one problem there is.
  std::string problem() {
    const Discovery discovery = discover(executors.path);
    EXPECT_TRUE(discovery.plugins.empty());
    return discovery.problems.size() == 1 ? discovery.problems[0].message : "";
  }

  TemporaryDirectory executors;
};

TEST_F(Manifests, PluginsAreFoundByNameWithTheirSettings) {
  install("b", R"({"name":"b","executable":"run","protocol":1,"settings":{"kernel":"ir"}})");
  install("a", R"({"name":"a","executable":"run","protocol":1})");
  executors.write("no-plugin/readme", "");
  const Discovery discovery = discover(executors.path);
  ASSERT_TRUE(discovery.problems.empty()) << discovery.problems[0].message;
  ASSERT_EQ(discovery.plugins.size(), 2u);
  EXPECT_EQ(discovery.plugins[0].name, "a");
  EXPECT_EQ(discovery.plugins[1].executable, executors.path / "b/run");
  EXPECT_EQ(discovery.plugins[1].settings.at("kernel"), "ir");
}

TEST_F(Manifests, ABadPluginIsNamedAndHidesNoOther) {
  install("bad", "{");
  install("good", R"({"name":"good","executable":"run","protocol":1})");
  const Discovery discovery = discover(executors.path);
  EXPECT_EQ(discovery.plugins.size(), 1u);
  ASSERT_EQ(discovery.problems.size(), 1u);
  EXPECT_NE(discovery.problems[0].message.find("/bad is left out"), std::string::npos);
}

TEST_F(Manifests, AnotherProtocolIsRefused) {
  install("a", R"({"name":"a","executable":"run","protocol":2})");
  EXPECT_NE(problem().find("another version"), std::string::npos);
}

TEST_F(Manifests, ANameUnlikeTheDirectoryIsRefused) {
  install("a", R"({"name":"b","executable":"run","protocol":1})");
  EXPECT_NE(problem().find("unlike its directory"), std::string::npos);
}

TEST_F(Manifests, ExecutablesOutsideTheDirectoryAreRefused) {
  install("a", R"({"name":"a","executable":"../../bin/sh","protocol":1})");
  EXPECT_NE(problem().find("not inside"), std::string::npos);
  install("a", R"({"name":"a","executable":"/bin/sh","protocol":1})");
  EXPECT_NE(problem().find("not inside"), std::string::npos);
}

TEST_F(Manifests, AnExecutableThatIsMissingIsRefused) {
  install("a", R"({"name":"a","executable":"gone","protocol":1})");
  EXPECT_NE(problem().find("cannot be executed"), std::string::npos);
}

TEST(Manifest, AMissingDirectoryIsOneProblem) {
  const Discovery discovery = discover("/nonexistent");
  EXPECT_TRUE(discovery.plugins.empty());
  EXPECT_EQ(discovery.problems.size(), 1u);
}

TEST(Manifest, TheBuildsOwnPluginsAreSound) {
  const Discovery discovery = discover(GLAUX_EXECUTORS);
  EXPECT_TRUE(discovery.problems.empty());
  std::map<std::string, PluginManifest> plugins;
  for (const PluginManifest& plugin : discovery.plugins) plugins[plugin.name] = plugin;
  ASSERT_TRUE(plugins.contains("mock") && plugins.contains("process") &&
              plugins.contains("container"));
  EXPECT_EQ(plugins["process"].settings.at("kernel"), "python3");
  EXPECT_TRUE(plugins["container"].needs.contains("socket"));
}

TEST(Description, IsReadFromWhatAnExecutorPrints) {
  const auto description = parseDescription(
      R"({"name":"process","version":"1.2","protocol":1,"capabilities":{"interrupt":true},)"
      R"("kernels":["ir","python3"]})");
  ASSERT_TRUE(description) << description.error().message;
  EXPECT_EQ(description->name, "process");
  EXPECT_EQ(description->protocol_version, 1u);
  EXPECT_TRUE(description->can_interrupt);
  EXPECT_EQ(description->kernels, (std::vector<std::string>{"ir", "python3"}));
}

TEST(Description, AnythingElseIsAnError) {
  for (const char* text : {"", "{}", "[]", R"({"name":1})", "usage: x"}) {
    EXPECT_FALSE(parseDescription(text)) << text;
  }
}

}  // namespace
}  // namespace glaux::plugins
