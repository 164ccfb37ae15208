#include "daemon/objects/object_tree.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace glaux::daemon {
namespace {

namespace fs = std::filesystem;
using api::S3ErrorCode;

class ObjectTreeTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string directory = testing::TempDir() + "glaux-tree-XXXXXX";
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    root_ = directory;
    open();
  }
  void TearDown() override { fs::remove_all(root_); }

  void open() { tree_ = std::move(*ObjectTree::open(root_)); }

  tl::expected<void, ObjectError> put(const std::string& key, std::string_view content,
                                      const WriteCondition& condition = {}) {
    auto file = tree_->stage();
    EXPECT_TRUE(file && file->append(content) && file->sync());
    return tree_->publish(*file, {"bucket", key}, condition);
  }

  /// The name of the error's code, "" without an error.
  static std::string_view codeOf(const tl::expected<void, ObjectError>& result) {
    return result ? std::string_view{} : api::name(result.error().code);
  }

  std::string read(const std::string& key) {
    std::stringstream content;
    content << std::ifstream(root_ / "bucket" / key).rdbuf();
    return content.str();
  }

  bool isStagingEmpty() { return fs::is_empty(root_ / "~staging/new"); }

  fs::path root_;
  std::unique_ptr<ObjectTree> tree_;
};

TEST_F(ObjectTreeTest, PublishedFileIsTheObject) {
  EXPECT_EQ(codeOf(put("a/b", "1")), "");
  EXPECT_EQ(codeOf(put("a/b", "2")), "");
  EXPECT_EQ(read("a/b"), "2");
  EXPECT_TRUE(isStagingEmpty());
}

TEST_F(ObjectTreeTest, UnpublishedFileLeavesNothing) {
  {
    auto file = tree_->stage();
    ASSERT_TRUE(file && file->append("x"));
    EXPECT_FALSE(isStagingEmpty());
  }
  EXPECT_TRUE(isStagingEmpty());
}

TEST_F(ObjectTreeTest, OpeningRemovesWhatACrashLeftHalfWritten) {
  std::ofstream(root_ / "~staging/new/half") << "x";
  open();
  EXPECT_TRUE(isStagingEmpty());
}

TEST_F(ObjectTreeTest, ConditionsAreDecidedByWhatIsThere) {
  const WriteCondition is_new{.if_match = {}, .if_none_match = "*"};
  EXPECT_EQ(codeOf(put("k", "1", is_new)), "");
  EXPECT_EQ(codeOf(put("k", "2", is_new)), "PreconditionFailed");
  const std::string tag = entityTagOf(*lookAtObjectFile(tree_->root(), {"bucket", "k"}));
  EXPECT_EQ(codeOf(put("k", "3", {.if_match = "\"other\"", .if_none_match = {}})),
            "PreconditionFailed");
  EXPECT_EQ(codeOf(put("k", "4", {.if_match = tag, .if_none_match = {}})), "");
  EXPECT_EQ(codeOf(put("none", "5", {.if_match = "*", .if_none_match = {}})), "NoSuchKey");
  EXPECT_EQ(read("k"), "4");
  EXPECT_TRUE(isStagingEmpty());
}

TEST_F(ObjectTreeTest, RefusedNamesMakeNoDirectories) {
  for (const char* key : {"", "a//b", "a/", "/a", "..", "a/../b", "./a", "\xFF"}) {
    EXPECT_EQ(codeOf(put(key, "x")), "InvalidArgument") << key;
  }
  EXPECT_EQ(codeOf(put(std::string(1025, 'k'), "x")), "KeyTooLongError");
  EXPECT_EQ(codeOf(put("a/" + std::string(256, 'k') + "/b", "x")), "KeyTooLongError");
  EXPECT_FALSE(fs::exists(root_ / "bucket"));
}

TEST_F(ObjectTreeTest, NameIsAFileOrADirectory) {
  ASSERT_EQ(codeOf(put("a/b", "1")), "");
  EXPECT_EQ(codeOf(put("a", "x")), "InvalidArgument");
  EXPECT_EQ(codeOf(put("a/b/c", "x")), "InvalidArgument");
  EXPECT_EQ(codeOf(put("a/b/c/d", "x")), "InvalidArgument");
  EXPECT_EQ(read("a/b"), "1");
  EXPECT_TRUE(isStagingEmpty());
}

TEST_F(ObjectTreeTest, LinksAreNotWrittenThrough) {
  fs::create_directories(root_ / "bucket");
  fs::create_directory(root_ / "outside");
  fs::create_directory_symlink("../outside", root_ / "bucket/link");
  std::ofstream(root_ / "outside/kept") << "kept";
  fs::create_symlink("../outside/kept", root_ / "bucket/file-link");
  EXPECT_EQ(codeOf(put("link/k", "x")), "InvalidArgument");
  EXPECT_EQ(codeOf(put("link/deep/k", "x")), "InvalidArgument");
  EXPECT_EQ(codeOf(tree_->remove("bucket", {"link/kept"}).front()), "");
  EXPECT_EQ(codeOf(tree_->remove("bucket", {"file-link"}).front()), "");
  EXPECT_TRUE(fs::is_symlink(root_ / "bucket/file-link")) << "a link is no object";
  // The name of a link is taken by the object, what it pointed to is left alone.
  EXPECT_EQ(codeOf(put("file-link", "new")), "");
  EXPECT_EQ(read("../outside/kept"), "kept");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "outside"), {}), 1);
}

TEST_F(ObjectTreeTest, EmptyDirectoriesGoWithTheLastObjectBelow) {
  ASSERT_TRUE(put("a/b/c/1", "x") && put("a/2", "x"));
  EXPECT_EQ(tree_->remove("bucket", {"a/b/c/1", "a/b/missing", "a"}).size(), 3u);
  EXPECT_FALSE(fs::exists(root_ / "bucket/a/b"));
  EXPECT_TRUE(fs::exists(root_ / "bucket/a/2"));
  EXPECT_EQ(codeOf(tree_->remove("bucket", {"a/2"}).front()), "");
  EXPECT_TRUE(fs::is_empty(root_ / "bucket"));
}

TEST_F(ObjectTreeTest, BucketsAreDirectoriesOfTheirNames) {
  EXPECT_EQ(codeOf(tree_->makeBucket("one")), "");
  EXPECT_EQ(codeOf(tree_->makeBucket("one")), "");
  EXPECT_EQ(codeOf(tree_->makeBucket("..")), "InvalidBucketName");
  EXPECT_EQ(codeOf(tree_->makeBucket("~staging")), "InvalidBucketName");
  ASSERT_TRUE(put("k", "x"));
  const auto buckets = tree_->buckets();
  ASSERT_TRUE(buckets);
  ASSERT_EQ(buckets->size(), 2u);
  EXPECT_EQ(buckets->at(0).name, "bucket");
  EXPECT_EQ(buckets->at(1).name, "one");
  EXPECT_EQ(codeOf(tree_->removeBucket("bucket")), "BucketNotEmpty");
  EXPECT_EQ(codeOf(tree_->removeBucket("one")), "");
  EXPECT_EQ(codeOf(tree_->removeBucket("one")), "NoSuchBucket");
  EXPECT_EQ(codeOf(tree_->removeBucket("~staging")), "NoSuchBucket");
}

TEST_F(ObjectTreeTest, PutsAndDeletesOfManyThreadsDoNotDisturbEachOther) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      const std::string key = "shared/deep/" + std::to_string(t);
      for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(codeOf(put(key, std::to_string(i))), "");
        EXPECT_EQ(codeOf(tree_->remove("bucket", {key}).front()), "");
      }
      EXPECT_EQ(codeOf(put(key, "last")), "");
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < 4; ++t) EXPECT_EQ(read("shared/deep/" + std::to_string(t)), "last");
  EXPECT_TRUE(isStagingEmpty());
}

TEST_F(ObjectTreeTest, PartsOfOtherFilesAreCopiedAlsoAcrossFileSystems) {
  ASSERT_TRUE(put("source", "0123456789"));
  const auto source = openObjectFile(tree_->root(), {"bucket", "source"});
  const OwnedFd in_memory(::memfd_create("source", MFD_CLOEXEC));
  const std::string large(3'000'000, 'm');
  ASSERT_EQ(::write(in_memory.get(), large.data(), large.size()),
            static_cast<ssize_t>(large.size()));
  auto file = tree_->stage();
  ASSERT_TRUE(file->append("<") && file->append(source->fd.get(), 2, 3) &&
              file->append(in_memory.get(), 1, large.size() - 1) && file->append(">"));
  EXPECT_FALSE(file->append(source->fd.get(), 5, 100)) << "the source is shorter";
  ASSERT_TRUE(file->sync() && tree_->publish(*file, {"bucket", "k"}, {}));
  EXPECT_EQ(read("k"), "<234" + large.substr(1) + ">56789");
}

}  // namespace
}  // namespace glaux::daemon
