#include "daemon/objects/object_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "tests/unit/daemon/http/http_fixture.h"

namespace glaux::daemon::test {
namespace {

namespace fs = std::filesystem;

class ObjectStoreTest : public HttpFixture {
 protected:
  void SetUp() override {
    std::string directory = testing::TempDir() + "glaux-objects-XXXXXX";
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    base_ = directory;
    fs::create_directories(base_ / "objects" / "bucket" / "calc");
    write("objects/bucket/calc/stdout", "0123456789");
    write("secret", "not an object");
    ObjectStore::Edges edges;
    edges.render_error = [](api::S3ErrorCode error, std::string_view resource, std::string_view) {
      HttpResponse response;
      response.status = api::httpStatus(error);
      response.body = std::string(api::name(error)) + " " + std::string(resource);
      return response;
    };
    edges.is_expected = [](std::string_view bucket, std::string_view key) {
      return bucket == "bucket" && key == "calc/expected";
    };
    edges.writes_refused = [this] { return refusal_; };
    edges.new_request_id = [] { return "request-1"; };
    auto store = ObjectStore::open(loop_, base_ / "objects", std::move(edges));
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    start([this](HttpRequest&& request, Responder responder) {
      store_->handle(std::move(request), std::move(responder));
    });
  }

  void TearDown() override {
    store_.reset();
    HttpFixture::TearDown();
    fs::remove_all(base_);
  }

  void write(const fs::path& path, std::string_view text, std::ios::openmode mode = {}) {
    std::ofstream(base_ / path, mode | std::ios::out) << text;
  }

  /// The response to one request on a connection of its own.
  std::string ask(std::string_view target, std::string_view headers = {},
                  std::string_view method = "GET", std::string_view body = {}) {
    std::string response;
    runWith([&] {
      RawClient client(server_->port());
      client.send(request(method, target, body, headers));
      response = client.readResponse(method != "HEAD");
    });
    return response;
  }

  static std::string headerOf(const std::string& response, const std::string& name) {
    const std::size_t at = response.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return response.substr(begin, response.find("\r\n", begin) - begin);
  }

  fs::path base_;
  std::optional<std::string> refusal_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(ObjectStoreTest, GetReturnsTheFileWithItsAttributes) {
  const std::string response = ask("/bucket/calc/stdout?x-id=GetObject");
  EXPECT_EQ(statusOf(response), 200);
  EXPECT_EQ(bodyOf(response), "0123456789");
  EXPECT_EQ(headerOf(response, "Content-Length"), "10");
  EXPECT_EQ(headerOf(response, "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(headerOf(response, "Accept-Ranges"), "bytes");
  EXPECT_EQ(headerOf(response, "Last-Modified").size(), 29u) << response;
  const std::string tag = headerOf(response, "ETag");
  EXPECT_TRUE(tag.size() > 2 && tag.front() == '"' && tag.back() == '"') << tag;
}

TEST_F(ObjectStoreTest, HeadReturnsTheAttributesOnly) {
  const std::string response = ask("/bucket/calc/stdout", {}, "HEAD");
  EXPECT_EQ(statusOf(response), 200);
  EXPECT_EQ(headerOf(response, "Content-Length"), "10");
  EXPECT_EQ(bodyOf(response), "");
}

TEST_F(ObjectStoreTest, MissingObjectsAreNotFound) {
  EXPECT_EQ(statusOf(ask("/bucket/calc/nothing")), 404);
  EXPECT_EQ(bodyOf(ask("/nowhere/k%20k")), "NoSuchBucket /nowhere/k%20k");
  EXPECT_EQ(statusOf(ask("/bucket/calc")), 404) << "a directory is no object";
  EXPECT_EQ(statusOf(ask("/bucket/calc/stdout/x")), 404);
  EXPECT_EQ(statusOf(ask("/bucket/" + std::string(5000, 'k'))), 404);
  EXPECT_EQ(statusOf(ask("/bucket/calc/nothing", {}, "HEAD")), 404);
}

TEST_F(ObjectStoreTest, ExpectedObjectWithoutAFileIsEmpty) {
  const std::string response = ask("/bucket/calc/expected");
  EXPECT_EQ(statusOf(response), 200);
  EXPECT_EQ(headerOf(response, "Content-Length"), "0");
  EXPECT_EQ(statusOf(ask("/bucket/calc/expected", {}, "HEAD")), 200);
}

TEST_F(ObjectStoreTest, NoPathLeavesTheTree) {
  fs::create_symlink(base_ / "secret", base_ / "objects/bucket/link");
  fs::create_symlink(base_ / "objects/bucket/calc/stdout", base_ / "objects/bucket/inner-link");
  fs::create_directory_symlink(base_, base_ / "objects/bucket/dir-link");
  fs::create_directory_symlink("..", base_ / "objects/up");
  for (const char* target :
       {"/bucket/../../secret", "/bucket/%2e%2e/%2e%2e/secret", "/../secret", "/%2e%2e/secret",
        "/bucket/..%2f..%2fsecret", "/bucket/link", "/bucket/inner-link", "/bucket/dir-link/secret",
        "/up/secret", "/bucket//secret", "/%2fetc/passwd", "//etc/passwd",
        "/bucket/%2fetc/passwd"}) {
    EXPECT_EQ(statusOf(ask(target)), 404) << target;
  }
  EXPECT_EQ(statusOf(ask("/bucket/stdout%00")), 400);
}

TEST_F(ObjectStoreTest, FifoIsNoObjectAndHoldsNothingUp) {
  ASSERT_EQ(::mkfifo((base_ / "objects/bucket/fifo").c_str(), 0600), 0);
  EXPECT_EQ(statusOf(ask("/bucket/fifo")), 404);
}

TEST_F(ObjectStoreTest, KeysAreDecodedOnce) {
  write("objects/bucket/a b%2f+c", "odd");
  EXPECT_EQ(bodyOf(ask("/bucket/a%20b%252f+c")), "odd");
}

TEST_F(ObjectStoreTest, RangeReturnsAPart) {
  const std::string response = ask("/bucket/calc/stdout", "Range: bytes=2-4\r\n");
  EXPECT_EQ(statusOf(response), 206);
  EXPECT_EQ(bodyOf(response), "234");
  EXPECT_EQ(headerOf(response, "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(bodyOf(ask("/bucket/calc/stdout", "Range: bytes=-2\r\n")), "89");
}

TEST_F(ObjectStoreTest, RangeBehindTheEndIsNotSatisfiable) {
  const std::string response = ask("/bucket/calc/stdout", "Range: bytes=10-\r\n");
  EXPECT_EQ(statusOf(response), 416);
  EXPECT_EQ(headerOf(response, "Content-Range"), "bytes */10");
}

TEST_F(ObjectStoreTest, EntityTagDecidesConditionalRequests) {
  const std::string tag = headerOf(ask("/bucket/calc/stdout"), "ETag");
  const std::string not_modified =
      ask("/bucket/calc/stdout", "If-None-Match: " + tag + "\r\n", "HEAD");
  EXPECT_EQ(statusOf(not_modified), 304);
  EXPECT_EQ(headerOf(not_modified, "ETag"), tag);
  EXPECT_EQ(statusOf(ask("/bucket/calc/stdout", "If-None-Match: \"other\"\r\n")), 200);
  EXPECT_EQ(statusOf(ask("/bucket/calc/stdout", "If-Match: \"other\", W/" + tag + "\r\n")), 200);
  EXPECT_EQ(statusOf(ask("/bucket/calc/stdout", "If-Match: \"other\"\r\n")), 412);
  EXPECT_EQ(statusOf(ask("/bucket/calc/stdout", "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n")), 200);
  EXPECT_EQ(statusOf(ask("/bucket/calc/stdout", "Range: bytes=0-1\r\nIf-Range: " + tag + "\r\n")),
            206);
}

TEST_F(ObjectStoreTest, GrowingObjectIsServedAsLongAsItIsAndChangesItsTag) {
  const std::string before = ask("/bucket/calc/stdout");
  write("objects/bucket/calc/stdout", "more", std::ios::app);
  const std::string after = ask("/bucket/calc/stdout");
  EXPECT_EQ(bodyOf(before), "0123456789");
  EXPECT_EQ(bodyOf(after), "0123456789more");
  EXPECT_NE(headerOf(before, "ETag"), headerOf(after, "ETag"));
}

TEST_F(ObjectStoreTest, WhatIsNotSupportedSaysSo) {
  for (const char* target :
       {"/bucket?versions", "/bucket?uploads", "/bucket/calc/stdout?acl",
        "/bucket/calc/stdout?x=1&versionId=3", "/bucket/calc/stdout?partNumber=1"}) {
    EXPECT_EQ(statusOf(ask(target)), 501) << target;
  }
  EXPECT_EQ(statusOf(ask("/bucket?policy", {}, "PUT", "{}")), 501);
  EXPECT_FALSE(fs::exists(base_ / "objects/bucket?policy"));
}

TEST_F(ObjectStoreTest, OtherMethodsAreRefusedWithThoseThatAreNot) {
  const std::string refused = ask("/bucket/calc/stdout", {}, "PATCH", "x");
  EXPECT_EQ(statusOf(refused), 405);
  EXPECT_EQ(headerOf(refused, "Allow"), "GET, HEAD, PUT, DELETE, POST");
  EXPECT_EQ(headerOf(ask("/bucket", {}, "PATCH", "x"), "Allow"), "GET, HEAD, PUT, DELETE, POST");
  EXPECT_EQ(headerOf(ask("/", {}, "DELETE"), "Allow"), "GET");
}

TEST_F(ObjectStoreTest, PutObjectIsTheFileAndComesBackWithItsHeaders) {
  const std::string stored =
      ask("/fresh/a/b", "Content-Type: x/y\r\nX-Amz-Meta-A: b: c\r\nCache-Control: no-cache\r\n",
          "PUT", "hello");
  ASSERT_EQ(statusOf(stored), 200) << stored;
  const std::string response = ask("/fresh/a/b");
  EXPECT_EQ(bodyOf(response), "hello");
  EXPECT_EQ(headerOf(response, "ETag"), headerOf(stored, "ETag"));
  EXPECT_EQ(headerOf(response, "Content-Type"), "x/y");
  EXPECT_EQ(headerOf(response, "x-amz-meta-a"), "b: c");
  EXPECT_EQ(headerOf(response, "Cache-Control"), "no-cache");
  EXPECT_EQ(fs::file_size(base_ / "objects/fresh/a/b"), 5u);
}

TEST_F(ObjectStoreTest, WhatNeedsSpaceIsRefusedWhileWritesAre) {
  refusal_ = "full";
  for (const char* target : {"/bucket/new", "/bucket/new?uploadId=1&partNumber=1", "/newbucket"}) {
    EXPECT_EQ(statusOf(ask(target, {}, "PUT", "x")), 503) << target;
  }
  EXPECT_EQ(statusOf(ask("/bucket/new?uploads", {}, "POST", "")), 503);
  EXPECT_EQ(statusOf(ask("/bucket/calc/stdout")), 200);
  EXPECT_EQ(statusOf(ask("/bucket/calc/stdout", {}, "DELETE")), 204) << "that gives space back";
  refusal_.reset();
  EXPECT_EQ(statusOf(ask("/bucket/new", {}, "PUT", "x")), 200);
}

TEST_F(ObjectStoreTest, BodyThatIsNotWhatItsChecksumsSayIsNotStored) {
  const char* bad[] = {"Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
                       "x-amz-checksum-crc32: AAAAAA==\r\n",
                       "x-amz-checksum-sha1: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n",
                       "Content-MD5: short\r\n",
                       "x-amz-content-sha256: "
                       "0000000000000000000000000000000000000000000000000000000000000000\r\n",
                       "Content-Encoding: aws-chunked\r\n"};
  for (const char* header : bad) {
    EXPECT_EQ(statusOf(ask("/bucket/new", header, "PUT", "x")), 400) << header;
  }
  EXPECT_FALSE(fs::exists(base_ / "objects/bucket/new"));
  EXPECT_TRUE(fs::is_empty(base_ / "objects/~staging/new"));
  EXPECT_EQ(statusOf(ask("/bucket/new", "Content-MD5: ndTkYSaMgDT1yFZOFVxnpg==\r\n", "PUT", "x")),
            200);
}

TEST_F(ObjectStoreTest, ChunkedBodyIsStoredWithoutItsFraming) {
  const std::string response =
      ask("/bucket/new",
          "Content-Encoding: aws-chunked,gzip\r\nx-amz-decoded-content-length: 5\r\n"
          "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n",
          "PUT", "3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:hYfYZg==\r\n\r\n");
  EXPECT_EQ(statusOf(response), 400) << "a wrong checksum in a trailer";
  EXPECT_EQ(statusOf(ask("/bucket/new", "Content-Encoding: aws-chunked,gzip\r\n", "PUT",
                         "3\r\nabc\r\n2\r\nde\r\n0\r\n"
                         "x-amz-checksum-crc32:hYfYZQ==\r\n\r\n")),
            200);
  const std::string stored = ask("/bucket/new");
  EXPECT_EQ(bodyOf(stored), "abcde");
  EXPECT_EQ(headerOf(stored, "Content-Encoding"), "gzip");
}

TEST_F(ObjectStoreTest, StagingAreaIsNoBucket) {
  write("objects/~staging/new/x", "half");
  EXPECT_EQ(statusOf(ask("/~staging/new/x")), 404);
  EXPECT_EQ(statusOf(ask("/~staging")), 404);
  EXPECT_EQ(statusOf(ask("/~staging/new/x", {}, "PUT", "y")), 400);
  EXPECT_EQ(statusOf(ask("/~staging/new/x", {}, "DELETE")), 404);
  EXPECT_EQ(bodyOf(ask("/")).find("staging"), std::string::npos);
}

TEST_F(ObjectStoreTest, RequestsUnderWayWhenTheStoreGoesAreAnswered) {
  std::string response;
  start([this](HttpRequest&& request, Responder responder) {
    store_->handle(std::move(request), std::move(responder));
    store_.reset();
  });
  EXPECT_EQ(statusOf(ask("/bucket/calc/stdout")), 500);
}

TEST_F(ObjectStoreTest, RootMustBeADirectory) {
  EXPECT_FALSE(ObjectStore::open(loop_, base_ / "secret", {}));
  EXPECT_FALSE(ObjectStore::open(loop_, base_ / "nothing", {}));
}

}  // namespace
}  // namespace glaux::daemon::test
