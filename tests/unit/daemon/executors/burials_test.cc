// Burials with plugins that are shell scripts.
#include "daemon/executors/burials.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "daemon/executors/leftovers.h"
#include "daemon/loop/loop.h"

namespace glaux::daemon {
namespace {

namespace fs = std::filesystem;

class BurialsTest : public testing::Test {
 protected:
  BurialsTest() {
    std::string pattern = testing::TempDir() + "burials-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    session_ = root_ / "session";
    fs::create_directory(session_);
  }
  ~BurialsTest() override { fs::remove_all(root_); }
  void TearDown() override { ASSERT_TRUE(loop_.close()); }

  void install(const std::string& cleanup) {
    fs::path plugin = root_ / "executors" / "scripted";
    fs::create_directories(plugin);
    std::ofstream(plugin / "manifest.json")
        << R"({"name": "scripted", "executable": "run", "protocol": 1, "settings": {}})";
    std::ofstream(plugin / "run")
        << "#!/bin/sh\n"
           "case $1 in\n"
           "describe) echo '{\"name\": \"scripted\", \"version\": \"1\", \"protocol\": 1,"
           " \"capabilities\": {\"interrupt\": true, \"resume\": true}, \"kernels\": []}';;\n"
           "cleanup) "
        << cleanup << ";;\nesac\n";
    fs::permissions(plugin / "run", fs::perms::owner_all);
    catalog_ = ExecutorCatalog::load(root_ / "executors");
    ASSERT_EQ(catalog_.names().size(), 1U);
  }

  Burial bury() {
    std::optional<Burial> buried;
    Burials burials(loop_, catalog_);
    burials.bury(session_, [&](Burial burial) {
      buried = std::move(burial);
      loop_.stop();
    });
    loop_.run();
    return buried.value();
  }

  Loop loop_;
  ExecutorCatalog catalog_;
  fs::path root_, session_;
};

TEST_F(BurialsTest, ThePluginThatLaunchedItClearsUp) {
  install("touch $2/clean");
  ASSERT_TRUE(leavePluginName(session_, "scripted"));
  EXPECT_EQ(bury().left, "");
  EXPECT_TRUE(fs::exists(session_ / "clean"));
}

TEST_F(BurialsTest, WhatIsLeftIsTold) {
  install("echo trying; echo 'the engine does not answer' >&2; exit 1");
  ASSERT_TRUE(leavePluginName(session_, "scripted"));
  EXPECT_EQ(bury().left, "`" + (root_ / "executors/scripted/run").string() + " cleanup " +
                             session_.string() +
                             "` ended with exit status 1: the engine does not answer.");
  std::ifstream log(session_ / "cleanup.log");
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>(log), {}}),
            "trying\nthe engine does not answer\n");
}

TEST_F(BurialsTest, APluginThatIsNotThereAnyMoreLeavesItToTheOperator) {
  ASSERT_TRUE(leavePluginName(session_, "scripted"));
  EXPECT_NE(bury().left.find("executor scripted is not installed"), std::string::npos);
}

TEST_F(BurialsTest, OfALaunchThatCameToNothingNothingIsLeft) { EXPECT_EQ(bury().left, ""); }

TEST_F(BurialsTest, ManyTakeTheirTurns) {
  install("sleep 0.1");
  Burials burials(loop_, catalog_);
  int left = 12;
  for (int i = 0; i < 12; ++i) {
    fs::path session = root_ / std::to_string(i);
    fs::create_directory(session);
    ASSERT_TRUE(leavePluginName(session, "scripted"));
    burials.bury(session, [&](const Burial& burial) {
      EXPECT_EQ(burial.left, "");
      if (--left == 0) loop_.stop();
    });
  }
  loop_.run();
  EXPECT_EQ(left, 0);
}

}  // namespace
}  // namespace glaux::daemon
