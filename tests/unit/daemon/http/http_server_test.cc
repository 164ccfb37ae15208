#include "daemon/http/http_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/loop/timer.h"
#include "tests/unit/daemon/http/http_fixture.h"

namespace glaux::daemon::test {
namespace {

using std::chrono::milliseconds;

class HttpServerTest : public HttpFixture {
 protected:
  /// Keeps every Responder, and answers them all whenever the timer fires.
  void startDeferring(std::uint64_t delay_ms) {
    release_.emplace(loop_, [this] {
      for (Responder& responder : std::exchange(waiting_, {})) responder.send({.body = "late"});
    });
    start([this, delay_ms](HttpRequest&&, Responder responder) {
      waiting_.push_back(std::move(responder));
      release_->start(delay_ms);
    });
  }

  void TearDown() override {
    release_.reset();
    HttpFixture::TearDown();
  }

  std::vector<Responder> waiting_;
  std::optional<Timer> release_;
};

TEST_F(HttpServerTest, HandlerGetsTheRequestAsItWasSent) {
  HttpRequest seen;
  start([&](HttpRequest&& request, Responder responder) {
    seen = std::move(request);
    responder.send({.status = 201, .headers = {{"X-Reply", "yes"}}, .body = "made"});
  });
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("POST", "/a%2Fb/../c?x=%20&y", "{\"k\":1}", "x-aMz-tArget: T\r\n"));
    const std::string response = client.readResponse();
    EXPECT_EQ(statusOf(response), 201);
    EXPECT_EQ(bodyOf(response), "made");
    EXPECT_NE(response.find("X-Reply: yes\r\n"), std::string::npos);
    EXPECT_NE(response.find("\r\nDate: "), std::string::npos);
    EXPECT_NE(response.find("\r\nContent-Length: 4\r\n"), std::string::npos);
  });
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/a%2Fb/../c");
  EXPECT_EQ(seen.query, "x=%20&y");
  EXPECT_EQ(seen.header("X-Amz-Target"), "T");
  EXPECT_EQ(seen.body, "{\"k\":1}");
  EXPECT_EQ(seen.remote_address, "127.0.0.1");
}

TEST_F(HttpServerTest, ThousandRequestsOnOneConnectionTakeNoDelayedAcks) {
  start(echo);
  const auto began = std::chrono::steady_clock::now();
  runWith([&] {
    RawClient client(server_->port());
    for (int i = 0; i < 1000; ++i) {
      const std::string target = "/" + std::to_string(i);
      ASSERT_TRUE(client.send(request("POST", target, "{}")));
      ASSERT_EQ(bodyOf(client.readResponse()), "POST " + target + " {}");
    }
  });
  // A response in two segments would wait 40 ms for the client's delayed acknowledgement.
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(1000 * 20));
  EXPECT_EQ(server_->counters().requests, 1000u);
  EXPECT_EQ(server_->counters().connections, 1u);
  EXPECT_EQ(server_->counters().responses_by_class[2], 1000u);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start(echo);
  runWith([&] {
    RawClient client(server_->port());
    std::string requests;
    for (int i = 0; i < 50; ++i) requests += request("POST", "/" + std::to_string(i), "b");
    client.send(requests);
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(bodyOf(client.readResponse()), "POST /" + std::to_string(i) + " b");
    }
  });
}

TEST_F(HttpServerTest, PipelinedRequestsWaitForDeferredAnswers) {
  startDeferring(5);
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("GET", "/1") + request("GET", "/2") + request("GET", "/3"));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(bodyOf(client.readResponse()), "late");
  });
}

TEST_F(HttpServerTest, ManyDeferredAnswersAreReleasedTogether) {
  startDeferring(50);
  runWith([&] {
    std::vector<RawClient> clients;
    for (int i = 0; i < 100; ++i) clients.emplace_back(server_->port());
    for (RawClient& client : clients) client.send(request("POST", "/", "{}"));
    for (RawClient& client : clients) EXPECT_EQ(bodyOf(client.readResponse()), "late");
  });
}

TEST_F(HttpServerTest, ClientThatLeavesWhileItsAnswerIsMadeHarmsNobody) {
  startDeferring(100);
  runWith([&] {
    RawClient other(server_->port());
    {
      RawClient leaving(server_->port());
      leaving.send(request("POST", "/", "{}"));
      std::this_thread::sleep_for(milliseconds(20));
    }
    other.send(request("POST", "/", "{}"));
    EXPECT_EQ(bodyOf(other.readResponse()), "late");
    std::this_thread::sleep_for(milliseconds(50));
  });
  EXPECT_EQ(server_->counters().requests, 2u);
}

TEST_F(HttpServerTest, HalfClosedClientStillGetsItsAnswer) {
  startDeferring(20);
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("POST", "/", "{}"));
    client.shutdownWrite();
    EXPECT_EQ(bodyOf(client.readResponse()), "late");
  });
}

TEST_F(HttpServerTest, ForgottenResponderAnswers500) {
  start([](HttpRequest&&, Responder) {});
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("POST", "/", "{}"));
    const std::string response = client.readResponse();
    EXPECT_EQ(statusOf(response), 500);
    EXPECT_EQ(bodyOf(response), "refused: the request was not answered");
  });
  EXPECT_EQ(rejections(*server_, HttpRejection::kNotAnswered), 1u);
}

TEST_F(HttpServerTest, ResponderOutlivesTheServer) {
  std::optional<Responder> kept;
  start([&](HttpRequest&&, Responder responder) {
    kept.emplace(std::move(responder));
    loop_.stop();
  });
  std::thread thread([port = server_->port()] {
    RawClient client(port);
    client.send(request("POST", "/", "{}"));
    EXPECT_TRUE(client.isClosedByServer());
  });
  loop_.run();
  server_.reset();
  thread.join();
  kept->send({.body = "too late"});
}

TEST_F(HttpServerTest, HeadHasTheLengthButNotTheBody) {
  start(echo);
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("HEAD", "/x") + request("GET", "/y"));
    const std::string head = client.readResponse(false);
    EXPECT_NE(head.find("Content-Length: 8\r\n"), std::string::npos) << head;
    EXPECT_EQ(bodyOf(client.readResponse()), "GET /y ");
  });
}

TEST_F(HttpServerTest, Http10ConnectionIsClosedAfterTheAnswer) {
  start(echo);
  runWith([&] {
    RawClient client(server_->port());
    client.send("GET /old HTTP/1.0\r\n\r\n");
    EXPECT_EQ(bodyOf(client.readResponse()), "GET /old ");
    EXPECT_TRUE(client.isClosedByServer());
  });
}

TEST_F(HttpServerTest, ConnectionCloseIsHonoured) {
  start(echo);
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("GET", "/", {}, "Connection: close\r\n"));
    EXPECT_EQ(statusOf(client.readResponse()), 200);
    EXPECT_TRUE(client.isClosedByServer());
  });
}

TEST_F(HttpServerTest, ChunkedBodyArrivesWhole) {
  start(echo);
  runWith([&] {
    RawClient client(server_->port());
    client.send("POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("5\r\nhello\r\n");
    std::this_thread::sleep_for(milliseconds(10));
    client.send("6;ext=1\r\n world\r\n0\r\n\r\n");
    EXPECT_EQ(bodyOf(client.readResponse()), "POST /c hello world");
  });
}

TEST_F(HttpServerTest, ResponseOfManyMegabytesArrivesWhole) {
  std::string large(30 << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 4096) large[i] = static_cast<char>('a' + i % 26);
  start([&](HttpRequest&&, Responder responder) { responder.send({.body = large}); });
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("GET", "/"));
    EXPECT_TRUE(bodyOf(client.readResponse()) == large);
    client.send(request("GET", "/"));
    EXPECT_TRUE(bodyOf(client.readResponse()) == large);
  });
}

class HttpFileTest : public HttpServerTest {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "glaux-http-XXXXXX";
    file_ = OwnedFd(::mkstemp(path_.data()));
    ASSERT_TRUE(file_);
    ASSERT_EQ(::write(file_.get(), "0123456789", 10), 10);
  }

  void TearDown() override {
    ::unlink(path_.c_str());
    HttpServerTest::TearDown();
  }

  void startServing(std::uint64_t offset, std::uint64_t length, const HttpLimits& limits = {}) {
    start(
        [this, offset, length](HttpRequest&&, Responder responder) {
          HttpResponse response;
          response.body =
              FileBody{OwnedFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)), offset, length};
          responder.send(std::move(response));
        },
        limits);
  }

  std::string path_;
  OwnedFd file_;
};

TEST_F(HttpFileTest, PartOfAFileIsSent) {
  startServing(3, 4);
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("GET", "/") + request("GET", "/"));
    EXPECT_EQ(bodyOf(client.readResponse()), "3456");
    EXPECT_EQ(bodyOf(client.readResponse()), "3456");
  });
}

TEST_F(HttpFileTest, LargeFileIsSentWhole) {
  const std::string large(20 << 20, 'y');
  ASSERT_EQ(::pwrite(file_.get(), large.data(), large.size(), 0),
            static_cast<ssize_t>(large.size()));
  startServing(0, large.size());
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("GET", "/"));
    EXPECT_TRUE(bodyOf(client.readResponse()) == large);
  });
}

TEST_F(HttpFileTest, FileThatBecameShorterCutsTheConnection) {
  startServing(5, 100, {.idle_timeout_s = 1});
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("GET", "/"));
    const std::string response = client.readResponse();
    EXPECT_NE(response.find("Content-Length: 100\r\n"), std::string::npos);
    EXPECT_EQ(bodyOf(response), "56789");
    EXPECT_TRUE(client.isClosedByServer());
  });
}

TEST_F(HttpServerTest, DrainingAnswersWhatIsInFlightAndClosesTheRest) {
  bool drained = false;
  startDeferring(50);
  std::thread thread([port = server_->port()] {
    RawClient idle(port);
    idle.send(request("POST", "/", "{}"));
    EXPECT_EQ(bodyOf(idle.readResponse()), "late");
    RawClient busy(port);
    busy.send(request("POST", "/", "{}"));
    const std::string response = busy.readResponse();
    EXPECT_EQ(bodyOf(response), "late");
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(busy.isClosedByServer());
    EXPECT_TRUE(idle.isClosedByServer());
  });
  Timer stop(loop_, [&] {
    if (server_->counters().requests < 2) return;
    stop.stop();
    server_->stopAccepting();
    server_->whenDrained([&] {
      drained = true;
      server_.reset();
    });
  });
  stop.start(1, 1);
  loop_.run();
  thread.join();
  EXPECT_TRUE(drained);
}

TEST_F(HttpServerTest, PortInUseIsAnErrorThatNamesIt) {
  start(echo);
  const auto second =
      HttpServer::listen(loop_, {.port = server_->port()}, {}, echo,
                         [](int, std::string_view, std::string_view) { return HttpResponse{}; });
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(std::to_string(server_->port())), std::string::npos);
}

}  // namespace
}  // namespace glaux::daemon::test
