#include "daemon/objects/object_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace glaux::daemon {
namespace {

namespace fs = std::filesystem;
using Kind = ObjectReadError::Kind;

class ObjectReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string directory = testing::TempDir() + "glaux-reader-XXXXXX";
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    base_ = directory;
    fs::create_directories(base_ / "objects/bucket/a");
    std::ofstream(base_ / "objects/bucket/a/code.py") << "print(1)";
    std::ofstream(base_ / "objects/bucket/empty");
    std::ofstream(base_ / "secret") << "secret";
  }
  void TearDown() override { fs::remove_all(base_); }

  tl::expected<std::string, ObjectReadError> read(std::string key, std::size_t max_bytes = 100) {
    const auto reader = ObjectReader::open(base_ / "objects");
    return reader->read({"bucket", std::move(key)}, max_bytes);
  }

  fs::path base_;
};

TEST_F(ObjectReaderTest, ReadsTheWholeObject) {
  EXPECT_EQ(read("a/code.py"), "print(1)");
  EXPECT_EQ(read("empty"), "");
}

TEST_F(ObjectReaderTest, LimitIsTheLastSizeThatIsRead) {
  EXPECT_EQ(read("a/code.py", 8), "print(1)");
  const auto refused = read("a/code.py", 7);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::kTooLarge);
  EXPECT_EQ(refused.error().message,
            "s3://bucket/a/code.py: has 8 bytes, more than the 7 that are read");
}

TEST_F(ObjectReaderTest, WhatIsNoObjectIsMissing) {
  fs::create_symlink(base_ / "secret", base_ / "objects/bucket/link");
  for (const char* key : {"nothing", "a", "a/", "", "a/code.py/x", "../../secret", "link"}) {
    const auto refused = read(key);
    ASSERT_FALSE(refused) << key;
    EXPECT_EQ(refused.error().kind, Kind::kMissing) << key;
  }
}

TEST_F(ObjectReaderTest, RootMustBeADirectory) {
  EXPECT_FALSE(ObjectReader::open(base_ / "nothing"));
  EXPECT_FALSE(ObjectReader::open(base_ / "secret"));
}

}  // namespace
}  // namespace glaux::daemon
