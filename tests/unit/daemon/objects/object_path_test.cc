#include "daemon/objects/object_path.h"

#include <gtest/gtest.h>

namespace glaux::daemon {
namespace {

TEST(ObjectPath, BucketEndsAtTheFirstSlash) {
  const auto path = parseObjectPath("/bucket/a/b/c.txt");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->bucket, "bucket");
  EXPECT_EQ(path->key, "a/b/c.txt");
}

TEST(ObjectPath, BucketAloneHasNoKey) {
  EXPECT_EQ(parseObjectPath("/bucket")->key, "");
  EXPECT_EQ(parseObjectPath("/bucket/")->key, "");
}

TEST(ObjectPath, IsDecodedExactlyOnce) {
  EXPECT_EQ(parseObjectPath("/b/a%20b+c%2fd")->key, "a b+c/d");
  EXPECT_EQ(parseObjectPath("/b/%252e%252e")->key, "%2e%2e");
}

TEST(ObjectPath, MalformedEscapesAndNulAreRefused) {
  for (const char* path : {"/b/%", "/b/%4", "/b/%zz", "/b/%4x", "/b/%00", "/%00/k", "/b/%-1"}) {
    EXPECT_FALSE(parseObjectPath(path)) << path;
  }
}

TEST(ObjectPath, OnlyPlainSegmentsCanBeFiles) {
  for (const char* path : {"/b/k", "/b/a/b", "/b/...", "/b/.hidden", "/b/a..b"}) {
    EXPECT_TRUE(canBeFile(*parseObjectPath(path))) << path;
  }
  for (const char* path : {"/b/", "/", "/b/../k", "/b/%2e%2e/k", "/b/./k", "/b/a//b", "/b/a/",
                           "/b//etc/passwd", "/b/%2fetc/passwd", "/../b/k", "/a%2fb/k", "/./k"}) {
    EXPECT_FALSE(canBeFile(*parseObjectPath(path))) << path;
  }
}

TEST(ObjectPath, BucketNamesAreThoseOfUris) {
  for (const char* name : {"abc", "Data_1.x-y", "0-0", "a..b"}) {
    EXPECT_TRUE(isBucketName(name)) << name;
  }
  EXPECT_TRUE(isBucketName(std::string(63, 'a')));
  EXPECT_FALSE(isBucketName(std::string(64, 'a')));
  for (const char* name : {"", "ab", ".abc", "-abc", "_abc", "a b", "~staging", "a/b", "b\xC3\xBC",
                           "...", "metrics", "healthz"}) {
    EXPECT_FALSE(isBucketName(name)) << name;
  }
  // What others made in the tree is served all the same.
  EXPECT_TRUE(canBeBucket("ab"));
  EXPECT_TRUE(canBeBucket("_outputs"));
  for (const char* name : {"", ".", "..", "~staging", "a/b"}) {
    EXPECT_FALSE(canBeBucket(name)) << name;
  }
}

TEST(ObjectPath, FileNameIsBehindTheLastSlash) {
  EXPECT_EQ(fileNameOf({"b", "k"}), "k");
  EXPECT_EQ(directoryOf({"b", "k"}), "b");
  EXPECT_EQ(fileNameOf({"b", "a/c/k"}), "k");
  EXPECT_EQ(directoryOf({"b", "a/c/k"}), "b/a/c");
}

}  // namespace
}  // namespace glaux::daemon
