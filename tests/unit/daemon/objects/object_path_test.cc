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

}  // namespace
}  // namespace glaux::daemon
