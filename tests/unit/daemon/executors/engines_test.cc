#include "daemon/executors/engines.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "daemon/core/decide.h"

namespace glaux::daemon {
namespace {

namespace fs = std::filesystem;
using Settings = Engines::Settings;

constexpr const char* kPySpark = "PySpark engine version 3";

// Two executors: "local" has the kernels python3 and ir, "box" takes any.
class EnginesTest : public testing::Test {
 protected:
  EnginesTest() {
    std::string name = (fs::temp_directory_path() / "engines-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    install("local", R"("python3", "ir")", R"("kernel": "python3", "environment": "HOME")");
    install("box", "", R"("image": "base", "cpus": "1", "network": "none")");
    options_.executor.default_executor = "local";
    for (const core::Event& event : core::firstEvents()) apply(state_, {1, {}}, event);
  }
  ~EnginesTest() override { fs::remove_all(directory_); }

  void install(const std::string& name, const std::string& kernels, const std::string& settings) {
    const fs::path plugin = directory_ / name;
    fs::create_directory(plugin);
    std::ofstream(plugin / "manifest.json")
        << R"({"name": ")" << name << R"(", "executable": "run", "protocol": 1, "settings": {)"
        << settings << "}}";
    std::ofstream(plugin / "run") << "#!/bin/sh\necho '{\"name\": \"" << name
                                  << R"(", "version": "1", "protocol": 1, "capabilities": {}, )"
                                  << R"("kernels": [)" << kernels << "]}'\n";
    fs::permissions(plugin / "run", fs::perms::owner_all);
  }

  Engines engines() {
    ExecutorCatalog catalog = ExecutorCatalog::load(directory_);
    EXPECT_EQ(catalog.problems(), std::vector<std::string>{});
    return Engines(std::move(catalog), options_);
  }

  config::EngineOptions& engine(const std::string& version, const std::string& executor) {
    config::EngineOptions& engine = options_.engines[version];
    engine.executor = executor;
    engine.origin = "file:7";
    return engine;
  }

  // A workgroup "w" of this engine version.
  void addWorkGroup(const std::string& version, const std::string& additional = "{}") {
    core::WorkGroup& work_group = state_.work_groups["w"];
    work_group.configuration.engine_version = {version, version};
    work_group.configuration.additional_configuration = additional;
  }

  static api::StartSessionRequest request(const std::string& executor = "",
                                          const std::string& kernel = "") {
    api::StartSessionRequest request;
    request.work_group = "w";
    auto& configs = request.engine_configuration.additional_configs;
    if (!executor.empty()) configs[kExecutorConfig] = executor;
    if (!kernel.empty()) configs[kKernelConfig] = kernel;
    return request;
  }

  // "<executor> <kernel>", or why not.
  std::string placed(const api::StartSessionRequest& request = EnginesTest::request()) {
    auto placement = engines().place(state_, request);
    if (!placement) return placement.error().message;
    return placement->executor + " " + placement->kernel;
  }

  Settings settings(const std::string& version, const std::string& executor,
                    std::optional<std::string> network = std::nullopt) {
    auto settings = engines().settingsOf(launch(version, executor, std::move(network)));
    EXPECT_TRUE(settings) << settings.error().message;
    return settings.value_or(Settings{});
  }

  static ExecutorLaunch launch(const std::string& version, const std::string& executor,
                               std::optional<std::string> network = std::nullopt) {
    ExecutorLaunch launch;
    launch.executor = executor;
    launch.kernel = "k";
    launch.engine_version = version;
    launch.network = std::move(network);
    return launch;
  }

  fs::path directory_;
  config::Options options_;
  core::State state_;
};

TEST_F(EnginesTest, WhatIsNotMappedRunsOnTheDefaults) {
  addWorkGroup(kPySpark);
  EXPECT_EQ(placed(), "local python3");
  options_.executor.kernel = "ir";
  EXPECT_EQ(placed(), "local ir");
}

TEST_F(EnginesTest, AnEngineVersionIsMappedToItsExecutorAndKernel) {
  addWorkGroup("Boxes");
  engine("Boxes", "box");
  EXPECT_EQ(placed(), "box python3");
  engine("Boxes", "box").kernel = "lua";
  EXPECT_EQ(placed(), "box lua");
  engine("Boxes", "") = {};
  EXPECT_EQ(placed(), "local python3");
  addWorkGroup(kPySpark);
  engine(kPySpark, "box");
  EXPECT_EQ(placed(), "box python3");
}

TEST_F(EnginesTest, TheClientsChoiceIsOverTheMapping) {
  addWorkGroup("Boxes");
  engine("Boxes", "box").kernel = "lua";
  EXPECT_EQ(placed(request("", "perl")), "box perl");
  EXPECT_EQ(placed(request("local")), "local python3");
  EXPECT_EQ(placed(request("local", "ir")), "local ir");
}

TEST_F(EnginesTest, WhatIsNotInstalledIsRefusedAtOnce) {
  addWorkGroup("Boxes");
  engine("Boxes", "bax");
  EXPECT_EQ(placed(), "Executor bax does not exist here; there is: box, local.");
  engine("Boxes", "local").kernel = "lua";
  EXPECT_EQ(placed(), "Kernel lua does not exist here; executor local has: python3, ir.");
  EXPECT_EQ(placed(request("nope")), "Executor nope does not exist here; there is: box, local.");
}

TEST_F(EnginesTest, SettingsAreLaidOverEachOther) {
  EXPECT_EQ(settings(kPySpark, "box"),
            (Settings{{"image", "base"}, {"cpus", "1"}, {"network", "none"}, {"kernel", "k"}}));
  options_.executors["box"] = {{"image", {"shared", "file:2"}}, {"cpus", {"2", "file:2"}}};
  engine("Boxes", "box").settings = {{"cpus", {"4", "file:3"}}, {"network", {"bridge", "file:3"}}};
  EXPECT_EQ(settings("Boxes", "box"),
            (Settings{{"image", "shared"}, {"cpus", "4"}, {"network", "bridge"}, {"kernel", "k"}}));
  EXPECT_EQ(settings("Boxes", "box", "none").at("network"), "none");
  EXPECT_EQ(settings(kPySpark, "box"),
            (Settings{{"image", "shared"}, {"cpus", "2"}, {"network", "none"}, {"kernel", "k"}}));
}

TEST_F(EnginesTest, AnEnginesSettingsAreForItsExecutorOnly) {
  engine("Boxes", "box").settings = {{"cpus", {"4", "file:3"}}};
  EXPECT_EQ(settings("Boxes", "local"), (Settings{{"environment", "HOME"}, {"kernel", "k"}}));
}

TEST_F(EnginesTest, SessionsOfAnEngineThatIsGoneAreNotLaunched) {
  auto gone = engines().settingsOf(launch("Boxes", "box"));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message, "engine version Boxes is not configured any more");
  auto uninstalled = engines().settingsOf(launch(kPySpark, "bax"));
  ASSERT_FALSE(uninstalled);
  EXPECT_EQ(uninstalled.error().message, "executor bax is not installed any more");
}

TEST_F(EnginesTest, ASettingThatTheExecutorDoesNotHaveIsNamedAndStopsItsSessions) {
  addWorkGroup("Boxes");
  engine("Boxes", "box").settings = {{"imagee", {"x", "file:3"}}, {"zzzzzzzz", {"x", "file:4"}}};
  EXPECT_EQ(engines().problems(),
            (std::vector<std::string>{
                "file:3: engines: Boxes: executor box has no setting 'imagee'; did you mean "
                "'image'?",
                "file:4: engines: Boxes: executor box has no setting 'zzzzzzzz'; it has: cpus, "
                "image, network"}));
  EXPECT_EQ(placed(),
            "The settings of glauxd give executor box a setting 'imagee', which it does not have; "
            "the daemon's log says where.");
  EXPECT_FALSE(engines().settingsOf(launch("Boxes", "box")));
  EXPECT_EQ(placed(request("local")), "local python3");
  addWorkGroup(kPySpark);
  EXPECT_EQ(placed(), "local python3");
  EXPECT_EQ(placed(request("box")), "box python3");
  options_.executors["box"] = {{"cpu", {"1", "file:9"}}};
  EXPECT_NE(placed(request("box")), "box python3");
}

TEST_F(EnginesTest, WhatTheExecutorsAtHandCannotDoIsNamedWithItsPlace) {
  engine("Boxes", "bax");
  engine("R", "local").kernel = "lua";
  options_.executors["nope"] = {{"a", {"1", "file:2"}}, {"b", {"1", "file:3"}}};
  EXPECT_EQ(engines().problems(),
            (std::vector<std::string>{
                "file:2: executors: executor nope is not installed; there is: box, local",
                "file:7: engines: Boxes: executor bax is not installed; there is: box, local",
                "file:7: engines: R: executor local has no kernel 'lua'; it has: python3, ir"}));
}

TEST_F(EnginesTest, AWorkGroupsNetworkNeedsAnExecutorThatCanGiveIt) {
  addWorkGroup(kPySpark, R"({"Network":"none"})");
  EXPECT_EQ(placed(),
            "WorkGroup w says what network its sessions have; executor local leaves them the "
            "machine's.");
  EXPECT_EQ(placed(request("box")), "box python3");
}

}  // namespace
}  // namespace glaux::daemon
