#include "daemon/objects/object_walk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "daemon/objects/object_operations.h"

namespace glaux::daemon {
namespace {

namespace fs = std::filesystem;
using Keys = std::vector<std::string>;

class ObjectWalkTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string directory = testing::TempDir() + "glaux-walk-XXXXXX";
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    root_ = directory;
    fs::create_directories(root_ / "bucket");
    tree_ = std::move(*ObjectTree::open(root_));
  }
  void TearDown() override { fs::remove_all(root_); }

  void make(const Keys& keys) {
    for (const std::string& key : keys) {
      fs::create_directories((root_ / "bucket" / key).parent_path());
      std::ofstream(root_ / "bucket" / key) << key;
    }
  }

  Keys walk(ObjectWalk::Wanted wanted, std::size_t at_most = 1000) {
    Keys visited;
    ObjectWalk walk(tree_->root(), "bucket", std::move(wanted));
    const auto result = walk.run([&](const std::string& key) {
      visited.push_back(key);
      return visited.size() < at_most;
    });
    EXPECT_TRUE(result);
    return visited;
  }

  /// The document of ListObjectsV2.
  std::string list(std::string_view query) {
    ObjectRequest request{{"bucket", ""}, *QueryParameters::parse(query), {}};
    const auto reply = listObjects(*tree_, request);
    return reply ? std::get<std::string>(reply->body) : std::string(api::name(reply.error().code));
  }

  static Keys elements(const std::string& xml, const std::string& tag) {
    Keys found;
    const std::string open = "<" + tag + ">";
    for (std::size_t at = xml.find(open); at != std::string::npos; at = xml.find(open, at + 1)) {
      const std::size_t begin = at + open.size();
      found.push_back(xml.substr(begin, xml.find("</" + tag + ">", begin) - begin));
    }
    return found;
  }

  /// Keys, and common prefixes after "P", of all pages, asking for the next as clients do.
  Keys pages(const std::string& query, int* count = nullptr) {
    Keys found;
    std::string token;
    while (true) {
      const std::string page =
          list(query + (token.empty() ? "" : "&continuation-token=" + api::urlEncodeKey(token)));
      for (const std::string& key : elements(page, "Key")) found.push_back(key);
      const std::size_t prefixes = page.find("<CommonPrefixes>");
      if (prefixes != std::string::npos) {
        for (const std::string& prefix : elements(page.substr(prefixes), "Prefix")) {
          found.push_back("P" + prefix);
        }
      }
      if (count != nullptr) ++*count;
      const Keys next = elements(page, "NextContinuationToken");
      if (next.empty()) return found;
      token = next.front();
    }
  }

  fs::path root_;
  std::unique_ptr<ObjectTree> tree_;
};

TEST_F(ObjectWalkTest, KeysComeInTheOrderOfTheirBytesAcrossDirectories) {
  make({"a/x", "a.txt", "a0", "a-b/c", "b", "A", "\xC3\xBC", "z", "a/b/c", "\xF0\x9F\xA6\x89/owl"});
  EXPECT_EQ(walk({}), (Keys{"A", "a-b/c", "a.txt", "a/b/c", "a/x", "a0", "b", "z", "\xC3\xBC",
                            "\xF0\x9F\xA6\x89/owl"}));
}

TEST_F(ObjectWalkTest, PrefixNeedNotEndAtADirectory) {
  make({"ab/1", "ab/2", "abc", "b", "a/b"});
  EXPECT_EQ(walk({.prefix = "ab"}), (Keys{"ab/1", "ab/2", "abc"}));
  EXPECT_EQ(walk({.prefix = "ab/"}), (Keys{"ab/1", "ab/2"}));
  EXPECT_EQ(walk({.prefix = "ab/2"}), (Keys{"ab/2"}));
  EXPECT_EQ(walk({.prefix = "zz/top"}), Keys());
}

TEST_F(ObjectWalkTest, PrefixesThatNoKeyCanHaveFindNothingAndLeaveNothing) {
  make({"ab/1"});
  for (const char* prefix : {"../", "/", "ab//", "./", "ab/../", "../bucket/", "ab/1/"}) {
    EXPECT_EQ(walk({.prefix = prefix}), Keys()) << prefix;
  }
}

TEST_F(ObjectWalkTest, BeginsBehindAKeyWhetherOrNotItIsThere) {
  make({"a/1", "a/2", "a/3/x", "b/1", "c"});
  EXPECT_EQ(walk({.after = "a/2"}), (Keys{"a/3/x", "b/1", "c"}));
  EXPECT_EQ(walk({.after = "a/25"}), (Keys{"a/3/x", "b/1", "c"}));
  EXPECT_EQ(walk({.after = "a/3/x/y"}), (Keys{"b/1", "c"}));
  EXPECT_EQ(walk({.after = "a0"}), (Keys{"b/1", "c"}));
  EXPECT_EQ(walk({.after = "c"}), Keys());
}

TEST_F(ObjectWalkTest, OnlyFilesAreKeys) {
  make({"a/1"});
  fs::create_directories(root_ / "bucket/empty/deep");
  fs::create_symlink("a/1", root_ / "bucket/link");
  fs::create_directory_symlink("..", root_ / "bucket/up");
  ASSERT_EQ(::mkfifo((root_ / "bucket/fifo").c_str(), 0600), 0);
  EXPECT_EQ(walk({}), (Keys{"a/1"}));
  EXPECT_EQ(walk({.stops_at_directories = true}), (Keys{"a/"}));
}

TEST_F(ObjectWalkTest, EndsWhenAskedTo) {
  make({"a", "b", "c"});
  EXPECT_EQ(walk({}, 2), (Keys{"a", "b"}));
}

TEST_F(ObjectWalkTest, ListingTellsWhatItIs) {
  make({"a", "d/1"});
  const std::string page = list("list-type=2&delimiter=/&max-keys=5&start-after=A");
  EXPECT_EQ(elements(page, "Name"), Keys{"bucket"});
  EXPECT_EQ(elements(page, "KeyCount"), Keys{"2"});
  EXPECT_EQ(elements(page, "MaxKeys"), Keys{"5"});
  EXPECT_EQ(elements(page, "IsTruncated"), Keys{"false"});
  EXPECT_EQ(elements(page, "StartAfter"), Keys{"A"});
  EXPECT_EQ(elements(page, "Size"), Keys{"1"});
  EXPECT_EQ(elements(page, "StorageClass"), Keys{"STANDARD"});
  EXPECT_EQ(elements(page, "LastModified").front().size(), 24u);
  EXPECT_EQ(elements(page, "NextContinuationToken"), Keys());
}

TEST_F(ObjectWalkTest, WrongQuestionsAreRefused) {
  for (const char* query :
       {"list-type=2&max-keys=-1", "list-type=2&max-keys=many", "list-type=2&max-keys=99999999999",
        "list-type=2&continuation-token=", "list-type=2&continuation-token=nonsense",
        "list-type=2&encoding-type=base64"}) {
    EXPECT_EQ(list(query), "InvalidArgument") << query;
  }
  EXPECT_EQ(elements(list("list-type=2&max-keys=5000"), "MaxKeys"), Keys{"1000"});
}

TEST_F(ObjectWalkTest, NoKeysAreTheEnd) {
  make({"a"});
  const std::string page = list("list-type=2&max-keys=0");
  EXPECT_EQ(elements(page, "Key"), Keys());
  EXPECT_EQ(elements(page, "IsTruncated"), Keys{"false"});
}

TEST_F(ObjectWalkTest, CommonPrefixIsShownOnceAcrossPages) {
  make({"a/1", "a/2", "a/3", "b", "c/1", "c/d/1"});
  EXPECT_EQ(pages("list-type=2&delimiter=/&max-keys=1"), (Keys{"Pa/", "b", "Pc/"}));
  EXPECT_EQ(pages("list-type=2&delimiter=/&prefix=c/&max-keys=1"), (Keys{"c/1", "Pc/d/"}));
  EXPECT_EQ(pages("list-type=2&delimiter=/&prefix=c&max-keys=1"), (Keys{"Pc/"}));
  EXPECT_EQ(pages("list-type=2&delimiter=/&start-after=a/1"), (Keys{"b", "Pa/", "Pc/"}));
}

TEST_F(ObjectWalkTest, AnyTextMayBeTheDelimiter) {
  make({"2026-01-01", "2026-01-02", "2026-02-01", "x/2026"});
  EXPECT_EQ(pages("list-type=2&delimiter=-&prefix=2026-&max-keys=1"),
            (Keys{"P2026-01-", "P2026-02-"}));
  EXPECT_EQ(pages("list-type=2&delimiter=/2"),
            (Keys{"2026-01-01", "2026-01-02", "2026-02-01", "Px/2"}));
}

TEST_F(ObjectWalkTest, OddKeysSurviveTheEncoding) {
  make({"a b+c%2f&<>", "tab\there"});
  EXPECT_EQ(elements(list("list-type=2&encoding-type=url"), "Key"),
            (Keys{"a%20b%2Bc%252f%26%3C%3E", "tab%09here"}));
  EXPECT_EQ(elements(list("list-type=2"), "Key").front(), "a b+c%2f&amp;&lt;&gt;");
}

TEST_F(ObjectWalkTest, FirstVersionGoesOnBehindTheMarker) {
  make({"a/1", "b", "c"});
  const std::string first = list("delimiter=/&max-keys=1");
  EXPECT_EQ(elements(first, "NextMarker"), Keys{"a/"});
  const std::string second = list("delimiter=/&max-keys=1&marker=a/");
  EXPECT_EQ(elements(second, "Key"), Keys{"b"});
  EXPECT_EQ(elements(list("marker=b"), "Key"), Keys{"c"});
}

TEST_F(ObjectWalkTest, KeysMayComeAndGoBetweenPages) {
  make({"a", "b", "c", "d"});
  const std::string first = list("list-type=2&max-keys=2");
  const std::string token = elements(first, "NextContinuationToken").front();
  fs::remove(root_ / "bucket/b");  // the page's last
  make({"a1", "c1"});
  const std::string rest = list("list-type=2&continuation-token=" + api::urlEncodeKey(token));
  EXPECT_EQ(elements(rest, "Key"), (Keys{"c", "c1", "d"}));
}

// Against a set of strings, which is what S3 pretends to be.
TEST_F(ObjectWalkTest, EveryWayToAskGivesWhatASortedSetWould) {
  std::mt19937 random(20'261'121);
  const auto pick = [&](int below) { return static_cast<int>(random() % below); };
  std::set<std::string> keys;
  for (int i = 0; i < 150; ++i) {
    std::string key;
    for (int depth = pick(4); depth >= 0; --depth) {
      for (int length = 1 + pick(2); length > 0; --length) key += ".-0aA~"[pick(6)];
      if (key.ends_with("..") || key == "." || key.ends_with("/.")) key += 'x';
      if (depth > 0) key += '/';
    }
    std::error_code ignored;
    const fs::path file = root_ / "bucket" / key;
    fs::create_directories(file.parent_path(), ignored);
    if (!ignored && std::ofstream(file) << "x") keys.insert(key);
  }
  ASSERT_GT(keys.size(), 60u);
  for (int round = 0; round < 300; ++round) {
    auto from = keys.begin();
    std::advance(from, pick(static_cast<int>(keys.size())));
    const std::string prefix = from->substr(0, pick(4));
    const std::string delimiter = std::array{"", "/", "/", "a", "-."}[pick(5)];
    std::string after = pick(2) == 0 ? "" : *keys.lower_bound(std::string(1, ".-0aA"[pick(5)]));
    after = after.substr(0, pick(5));
    Keys expected;
    for (const std::string& key : keys) {
      if (!key.starts_with(prefix) || key <= after) continue;
      const auto at = delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
      const std::string shown =
          at == std::string::npos ? key : "P" + key.substr(0, at + delimiter.size());
      if (expected.empty() || expected.back() != shown) expected.push_back(shown);
    }
    int count = 0;
    const int max_keys = 1 + pick(7);
    Keys found = pages("list-type=2&max-keys=" + std::to_string(max_keys) + "&prefix=" + prefix +
                           "&delimiter=" + delimiter + "&start-after=" + after,
                       &count);
    const std::string question =
        "prefix " + prefix + ", delimiter " + delimiter + ", after " + after;
    EXPECT_EQ(std::set(found.begin(), found.end()), std::set(expected.begin(), expected.end()))
        << question;
    EXPECT_EQ(found.size(), expected.size()) << question;
    const int pages_needed = (static_cast<int>(expected.size()) + max_keys - 1) / max_keys;
    EXPECT_EQ(count, std::max(1, pages_needed)) << question;
  }
}

}  // namespace
}  // namespace glaux::daemon
