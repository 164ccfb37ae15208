#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "daemon/http/http_server.h"
#include "tests/unit/daemon/http/http_fixture.h"

namespace glaux::daemon::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class HttpLimitsTest : public HttpFixture {
 protected:
  /// Sends `bytes` on a fresh connection and returns everything that comes back until it is closed.
  std::string conversation(std::string_view bytes) {
    RawClient client(server_->port());
    client.send(bytes);
    return client.readAll();
  }

  void startCounting(const HttpLimits& limits = {}) {
    start(
        [this](HttpRequest&& request, Responder responder) {
          ++handled_;
          echo(std::move(request), std::move(responder));
        },
        limits);
  }

  int handled_ = 0;
};

TEST_F(HttpLimitsTest, AmbiguousFramingGets400AndNeverReachesTheHandler) {
  startCounting();
  runWith([&] {
    for (const char* headers :
         {"Content-Length: 2\r\nContent-Length: 2\r\n",
          "Content-Length: 2\r\nContent-Length: 9\r\n",
          "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n",
          "Transfer-Encoding: chunked, identity\r\n", "Content-Length : 2\r\n"}) {
      const std::string response =
          conversation("POST / HTTP/1.1\r\nHost: t\r\n" + std::string(headers) + "\r\n{}");
      EXPECT_EQ(statusOf(response), 400) << headers;
      EXPECT_TRUE(bodyOf(response).starts_with("refused: ")) << headers << response;
      EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << headers;
    }
  });
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(rejections(*server_, HttpRejection::kMalformed), 6u);
}

TEST_F(HttpLimitsTest, WhatIsNotHttpGets400OrIsCut) {
  startCounting();
  runWith([&] {
    for (const char* bytes :
         {"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: -5\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5x\r\n\r\nhello",
          "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5, 5\r\n\r\nhello",
          "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: t\r\nno colon\r\n\r\n"}) {
      EXPECT_EQ(statusOf(conversation(bytes)), 400) << bytes;
    }
    for (const char* bytes : {"\x16\x03\x01\x02\x00\x01\r\n\r\n", "nonsense\r\n\r\n"}) {
      EXPECT_NE(statusOf(conversation(bytes)), 200) << bytes;
    }
  });
  EXPECT_EQ(handled_, 0);
  EXPECT_GE(rejections(*server_, HttpRejection::kMalformed), 5u);
}

TEST_F(HttpLimitsTest, BodyWithinTheLimitIsTaken) {
  startCounting({.max_body_bytes = 1000});
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("POST", "/", std::string(1000, 'x')));
    EXPECT_EQ(statusOf(client.readResponse()), 200);
  });
}

TEST_F(HttpLimitsTest, SomeRequestsMayHaveLargerBodies) {
  HttpLimits limits{.max_body_bytes = 1000};
  limits.body_limit = [](const HeaderList& headers) {
    return headers.find("X-Large") ? std::size_t{2000} : std::size_t{1000};
  };
  startCounting(limits);
  runWith([&] {
    RawClient client(server_->port());
    client.send("POST / HTTP/1.1\r\nHost: t\r\nX-Large: 1\r\nContent-Length: 2000\r\n\r\n" +
                std::string(2000, 'x'));
    EXPECT_EQ(statusOf(client.readResponse()), 200);
    client.send(request("POST", "/", std::string(1001, 'x')));
    EXPECT_EQ(statusOf(client.readResponse()), 413);
  });
  EXPECT_EQ(handled_, 1);
}

TEST_F(HttpLimitsTest, AnnouncedBodyBeyondTheLimitGets413BeforeItIsSent) {
  startCounting({.max_body_bytes = 1000});
  runWith([&] {
    RawClient client(server_->port());
    client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1001\r\n\r\n");
    const std::string response = client.readResponse();
    EXPECT_EQ(statusOf(response), 413);
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(client.isClosedByServer());
  });
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(rejections(*server_, HttpRejection::kBodyTooLarge), 1u);
}

TEST_F(HttpLimitsTest, ClientThatSendsTwentyMebibytesRegardlessStillReadsIts413) {
  startCounting();
  runWith([&] {
    RawClient client(server_->port());
    EXPECT_TRUE(client.send(request("POST", "/", std::string(20 << 20, 'x'))));
    EXPECT_EQ(statusOf(client.readResponse()), 413);
  });
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpLimitsTest, ChunkedBodyBeyondTheLimitGets413) {
  startCounting({.max_body_bytes = 1000});
  runWith([&] {
    RawClient client(server_->port());
    client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 3; ++i) client.send("190\r\n" + std::string(400, 'x') + "\r\n");
    client.send("0\r\n\r\n");
    EXPECT_EQ(statusOf(client.readResponse()), 413);
    EXPECT_TRUE(client.isClosedByServer());
  });
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpLimitsTest, EndlessChunkedBodyIsCut) {
  startCounting({.max_body_bytes = 1000});
  runWith([&] {
    RawClient client(server_->port());
    client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "190\r\n" + std::string(400, 'x') + "\r\n";
    int sent = 0;
    while (sent < 1'000'000 && client.send(chunk)) ++sent;
    EXPECT_LT(sent, 1'000'000);
  });
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpLimitsTest, ExpectedContinueIsSentAtOnce) {
  startCounting();
  runWith([&] {
    RawClient client(server_->port());
    client.send("PUT /o HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    const auto began = steady_clock::now();
    EXPECT_EQ(client.readResponse(false), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_LT(steady_clock::now() - began, milliseconds(500));
    client.send("ok");
    EXPECT_EQ(bodyOf(client.readResponse()), "PUT /o ok");
  });
}

TEST_F(HttpLimitsTest, ExpectedContinueIsNotSentForABodyBeyondTheLimit) {
  startCounting({.max_body_bytes = 1000});
  runWith([&] {
    const std::string response = conversation(
        "PUT /o HTTP/1.1\r\nHost: t\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(statusOf(response), 413);
  });
}

TEST_F(HttpLimitsTest, HeadersBeyondTheLimitGet431) {
  startCounting({.max_header_bytes = 4096});
  runWith([&] {
    EXPECT_EQ(statusOf(conversation(request(
                  "GET", "/", {}, "Connection: close\r\nA: " + std::string(3000, 'a') + "\r\n"))),
              200);
    EXPECT_EQ(
        statusOf(conversation(request("GET", "/", {}, "A: " + std::string(5000, 'a') + "\r\n"))),
        431);
    std::string flood;
    for (int i = 0; i < 5000; ++i) flood += "A" + std::to_string(i) + ": b\r\n";
    EXPECT_EQ(statusOf(conversation(request("GET", "/", {}, flood))), 431);
  });
  EXPECT_EQ(handled_, 1);
}

TEST_F(HttpLimitsTest, RequestLineBeyondTheLimitIsRefused) {
  startCounting({.max_header_bytes = 4096});
  runWith([&] {
    const int status = statusOf(conversation(request("GET", "/" + std::string(100'000, 'a'))));
    EXPECT_TRUE(status == 414 || status == 431) << status;
  });
  EXPECT_EQ(handled_, 0);
}

/// How long the server keeps a connection on which `next` is sent, a byte every 100 ms.
milliseconds timeToCut(std::uint16_t port, std::string_view first, std::string_view next) {
  RawClient client(port);
  const auto began = steady_clock::now();
  client.send(first);
  for (const char byte : next) {
    std::this_thread::sleep_for(milliseconds(100));
    if (!client.send({&byte, 1})) break;
  }
  EXPECT_TRUE(client.isClosedByServer());
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
}

TEST_F(HttpLimitsTest, TricklingClientsAreCutHoweverSteadilyTheySend) {
  startCounting({.idle_timeout_s = 2, .request_timeout_s = 1});
  runWith([&] {
    const std::uint16_t port = server_->port();
    const std::string forever(100, 'a');
    std::thread in_request_line([&] { EXPECT_LT(timeToCut(port, "GET /", forever), seconds(5)); });
    std::thread in_headers(
        [&] { EXPECT_LT(timeToCut(port, "GET / HTTP/1.1\r\nHost: ", forever), seconds(5)); });
    EXPECT_LT(
        timeToCut(port, "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n", forever),
        seconds(5));
    in_request_line.join();
    in_headers.join();
  });
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(rejections(*server_, HttpRejection::kTimedOut), 2u);
  EXPECT_EQ(server_->counters().open_connections, 0u);
}

TEST_F(HttpLimitsTest, IdleConnectionIsClosedButNotBeforeItsTime) {
  startCounting({.idle_timeout_s = 1});
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("GET", "/"));
    EXPECT_EQ(statusOf(client.readResponse()), 200);
    std::this_thread::sleep_for(milliseconds(500));
    client.send(request("GET", "/"));
    EXPECT_EQ(statusOf(client.readResponse()), 200);
    const auto began = steady_clock::now();
    EXPECT_TRUE(client.isClosedByServer());
    EXPECT_GE(steady_clock::now() - began, milliseconds(900));
  });
}

TEST_F(HttpLimitsTest, ClientThatTakesNoResponseIsCut) {
  const std::string large(64 << 20, 'x');
  start([&](HttpRequest&&, Responder responder) { responder.send({.body = large}); },
        {.idle_timeout_s = 1});
  runWith([&] {
    RawClient client(server_->port());
    client.send(request("GET", "/"));
    std::this_thread::sleep_for(milliseconds(3000));
    EXPECT_LT(client.readAll().size(), large.size());
  });
  EXPECT_EQ(server_->counters().open_connections, 0u);
}

TEST_F(HttpLimitsTest, ConnectionsBeyondTheLimitWaitForAPlace) {
  startCounting({.max_connections = 2});
  runWith([&] {
    auto first = std::make_unique<RawClient>(server_->port());
    RawClient second(server_->port());
    first->send(request("GET", "/1"));
    second.send(request("GET", "/2"));
    EXPECT_EQ(bodyOf(first->readResponse()), "GET /1 ");
    EXPECT_EQ(bodyOf(second.readResponse()), "GET /2 ");
    RawClient third(server_->port());
    third.send(request("GET", "/3"));
    std::this_thread::sleep_for(milliseconds(100));
    EXPECT_EQ(handled_, 2);
    first.reset();
    EXPECT_EQ(bodyOf(third.readResponse()), "GET /3 ");
  });
}

TEST_F(HttpLimitsTest, ConnectionsOfOneAddressBeyondItsLimitAreClosed) {
  startCounting({.max_connections_per_address = 1});
  runWith([&] {
    RawClient first(server_->port());
    first.send(request("GET", "/1"));
    EXPECT_EQ(statusOf(first.readResponse()), 200);
    RawClient second(server_->port());
    EXPECT_TRUE(second.isClosedByServer());
  });
}

}  // namespace
}  // namespace glaux::daemon::test
