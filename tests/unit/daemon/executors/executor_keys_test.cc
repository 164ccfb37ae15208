#include "daemon/executors/executor_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace glaux::daemon {
namespace {

class ExecutorKeysTest : public testing::Test {
 protected:
  ExecutorKeysTest() {
    std::string name = (std::filesystem::temp_directory_path() / "keys-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~ExecutorKeysTest() override { std::filesystem::remove_all(directory_); }

  ExecutorKeys open() {
    auto keys = ExecutorKeys::open(directory_, entropy_);
    EXPECT_TRUE(keys) << keys.error().message;
    return std::move(*keys);
  }

  std::filesystem::path directory_;
  SystemEntropy entropy_;
};

TEST_F(ExecutorKeysTest, AreTheSameWheneverTheyAreOpened) {
  const std::string key = open().keyOf("session-1");
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(open().keyOf("session-1"), key);
  EXPECT_NE(open().keyOf("session-2"), key);
}

TEST_F(ExecutorKeysTest, OfAnotherStateDirectoryAreOthers) {
  const std::string key = open().keyOf("session-1");
  std::filesystem::remove(directory_ / "executor-secret");
  EXPECT_NE(open().keyOf("session-1"), key);
}

TEST_F(ExecutorKeysTest, TheInstanceHasTheSameNameAsLongAsItsSecretExists) {
  const std::string id = open().instanceId();
  EXPECT_EQ(id.size(), 16u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(open().instanceId(), id);
  std::filesystem::remove(directory_ / "executor-secret");
  EXPECT_NE(open().instanceId(), id);
}

// HMAC-SHA256 with 32 bytes 0 as key, computed with another implementation.
TEST_F(ExecutorKeysTest, TheInstanceIsNamedByTheSecretAlone) {
  std::ofstream(directory_ / "executor-secret") << std::string(32, '\0');
  EXPECT_EQ(open().instanceId(), "a4dd850c2b451f0b");
}

TEST_F(ExecutorKeysTest, SecretIsItsOwnersOnly) {
  open();
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "executor-secret").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(status.st_size, 32);
}

TEST_F(ExecutorKeysTest, DamagedSecretIsNotReplaced) {
  std::ofstream(directory_ / "executor-secret") << "short";
  const auto keys = ExecutorKeys::open(directory_, entropy_);
  ASSERT_FALSE(keys);
  EXPECT_NE(keys.error().message.find("executor-secret"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(directory_ / "executor-secret"), 5u);
}

}  // namespace
}  // namespace glaux::daemon
