#include "daemon/loop/kj_event_port.h"

#include <capnp/rpc-twoparty.h>
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/async-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

#include "daemon/loop/loop.h"
#include "daemon/loop/timer.h"
#include "tests/unit/daemon/loop/echo.capnp.h"

namespace glaux::daemon {
namespace {

class EchoServer final : public test::Echo::Server {
 public:
  explicit EchoServer(kj::Timer& timer) : timer_(timer) {}

  kj::Promise<void> say(SayContext context) override {
    const auto delay = context.getParams().getDelayMs() * kj::MILLISECONDS;
    return timer_.afterDelay(delay).then(
        [context]() mutable { context.getResults().setText(context.getParams().getText()); });
  }

 private:
  kj::Timer& timer_;
};

std::array<int, 2> socketPair() {
  std::array<int, 2> pair{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  return pair;
}

constexpr auto kOwn =
    kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC;

/// Serves Echo on a descriptor with KJ's own event loop, until the peer hangs up.
std::thread serveEchoOn(int fd) {
  return std::thread([fd] {
    auto io = kj::setupAsyncIo();
    auto stream = io.lowLevelProvider->wrapSocketFd(fd, kOwn);
    capnp::TwoPartyVatNetwork network(*stream, capnp::rpc::twoparty::Side::SERVER);
    auto rpc = capnp::makeRpcServer(network, kj::heap<EchoServer>(io.provider->getTimer()));
    network.onDisconnect().wait(io.waitScope);
  });
}

/// The client's end of an Echo connection.
struct EchoClient {
  explicit EchoClient(kj::Own<kj::AsyncIoStream> connected)
      : stream(kj::mv(connected)),
        network(*stream, capnp::rpc::twoparty::Side::CLIENT),
        rpc(capnp::makeRpcClient(network)) {}

  test::Echo::Client bootstrap() {
    capnp::MallocMessageBuilder message;
    auto vat = message.initRoot<capnp::rpc::twoparty::VatId>();
    vat.setSide(capnp::rpc::twoparty::Side::SERVER);
    return rpc.bootstrap(vat).castAs<test::Echo>();
  }

  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> rpc;
};

kj::Promise<std::string> say(test::Echo::Client echo, const std::string& text,
                             std::uint32_t delay_ms) {
  auto request = echo.sayRequest();
  request.setText(text.c_str());
  request.setDelayMs(delay_ms);
  return request.send().then([](auto response) { return std::string(response.getText().cStr()); });
}

class KjEventPortTest : public testing::Test {
 protected:
  void TearDown() override {
    port_.reset();
    const auto closed = loop_.close();
    EXPECT_TRUE(closed) << closed.error().message;
  }

  /// Runs the libuv loop, as the daemon's main does, until the promise is fulfilled.
  template <class T>
  T runUntil(kj::Promise<T> promise) {
    std::optional<T> result;
    auto task = promise
                    .then([&](T value) {
                      result = std::move(value);
                      loop_.stop();
                    })
                    .eagerlyEvaluate([](kj::Exception&& exception) {
                      ADD_FAILURE() << exception.getDescription().cStr();
                    });
    Timer patience(loop_, [&] {
      ADD_FAILURE() << "timed out";
      loop_.stop();
    });
    patience.start(10'000);
    loop_.run();
    return result.value_or(T{});
  }

  Loop loop_;
  std::optional<KjEventPort> port_{std::in_place, loop_};
};

TEST_F(KjEventPortTest, ClientOnTheLoopCallsAServerInAnotherThread) {
  const auto pair = socketPair();
  std::thread server = serveEchoOn(pair[1]);
  {
    EchoClient client(port_->lowLevelProvider().wrapSocketFd(pair[0], kOwn));
    EXPECT_EQ(runUntil(say(client.bootstrap(), "hoo", 0)), "hoo");
    EXPECT_EQ(runUntil(say(client.bootstrap(), "later", 30)), "later");
    const std::string long_text(3'000'000, 'x');
    EXPECT_EQ(runUntil(say(client.bootstrap(), long_text, 0)), long_text);
  }
  server.join();
}

TEST_F(KjEventPortTest, WaitRunsTheWholeLoop) {
  const auto pair = socketPair();
  std::thread server = serveEchoOn(pair[1]);
  {
    EchoClient client(port_->lowLevelProvider().wrapSocketFd(pair[0], kOwn));
    bool timer_fired = false;
    Timer timer(loop_, [&] { timer_fired = true; });
    timer.start(1);
    EXPECT_EQ(say(client.bootstrap(), "hoo", 30).wait(port_->waitScope()), "hoo");
    EXPECT_TRUE(timer_fired);
  }
  server.join();
}

TEST_F(KjEventPortTest, ServerOnTheLoopAnswersOverAUnixSocket) {
  std::string directory = testing::TempDir() + "glaux-kj-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string address = "unix:" + directory + "/socket";
  auto receiver = port_->provider()
                      .getNetwork()
                      .parseAddress(address.c_str())
                      .wait(port_->waitScope())
                      ->listen();
  capnp::TwoPartyServer server(kj::heap<EchoServer>(port_->timer()));
  auto serving = server.listen(*receiver).eagerlyEvaluate(nullptr);

  std::string answer;
  std::thread client_thread([&] {
    auto io = kj::setupAsyncIo();
    auto stream = io.provider->getNetwork()
                      .parseAddress(address.c_str())
                      .wait(io.waitScope)
                      ->connect()
                      .wait(io.waitScope);
    EchoClient client(kj::mv(stream));
    answer = say(client.bootstrap(), "over a socket", 5).wait(io.waitScope);
  });
  auto connected = port_->provider()
                       .getNetwork()
                       .parseAddress(address.c_str())
                       .then([](kj::Own<kj::NetworkAddress> parsed) {
                         return parsed->connect().attach(kj::mv(parsed));
                       });
  {
    EchoClient client(connected.wait(port_->waitScope()));
    EXPECT_EQ(runUntil(say(client.bootstrap(), "to myself", 50)), "to myself");
  }
  client_thread.join();
  EXPECT_EQ(answer, "over a socket");
  ::unlink((directory + "/socket").c_str());
  ::rmdir(directory.c_str());
}

TEST_F(KjEventPortTest, ConnectingToNobodyBreaksThePromise) {
  auto connected = port_->provider()
                       .getNetwork()
                       .parseAddress("unix:/nonexistent/socket")
                       .then([](kj::Own<kj::NetworkAddress> address) {
                         return address->connect().attach(kj::mv(address));
                       });
  EXPECT_ANY_THROW(connected.wait(port_->waitScope()));
}

TEST_F(KjEventPortTest, HangUpDisconnectsTheCallsUnderWay) {
  const auto pair = socketPair();
  EchoClient client(port_->lowLevelProvider().wrapSocketFd(pair[0], kOwn));
  auto call = say(client.bootstrap(), "nobody there", 0);
  ::close(pair[1]);
  auto outcome = call.then([](std::string) { return kj::Exception::Type::FAILED; },
                           [](kj::Exception&& exception) { return exception.getType(); });
  EXPECT_EQ(runUntil(kj::mv(outcome)), kj::Exception::Type::DISCONNECTED);
}

TEST_F(KjEventPortTest, TimerPromisesKeepTheirOrderAndTimes) {
  std::string order;
  auto& timer = port_->timer();
  const auto start = timer.now();
  auto late = timer.afterDelay(30 * kj::MILLISECONDS).then([&] { order += "late"; });
  auto early = timer.atTime(start + 10 * kj::MILLISECONDS).then([&] { order += "early "; });
  auto late_task = late.eagerlyEvaluate(nullptr);
  auto early_task = early.eagerlyEvaluate(nullptr);
  loop_.run();
  EXPECT_EQ(order, "early late");
  EXPECT_GE(timer.now() - start, 30 * kj::MILLISECONDS);
}

TEST_F(KjEventPortTest, DroppedPromiseIsCancelled) {
  bool fired = false;
  {
    auto dropped = port_->timer()
                       .afterDelay(1 * kj::MILLISECONDS)
                       .then([&] { fired = true; })
                       .eagerlyEvaluate(nullptr);
  }
  loop_.run();
  EXPECT_FALSE(fired);
}

TEST_F(KjEventPortTest, ReadAfterADroppedReadGetsTheData) {
  const auto pair = socketPair();
  auto stream = port_->lowLevelProvider().wrapSocketFd(pair[0], kOwn);
  char buffer[8] = {};
  { auto dropped = stream->tryRead(buffer, 1, sizeof buffer).eagerlyEvaluate(nullptr); }
  ASSERT_EQ(::write(pair[1], "abc", 3), 3);
  EXPECT_EQ(runUntil(stream->tryRead(buffer, 3, sizeof buffer)), 3u);
  EXPECT_EQ(std::string(buffer), "abc");
  ::close(pair[1]);
}

TEST_F(KjEventPortTest, LentDescriptorMayBeClosedByItsOwner) {
  const auto pair = socketPair();
  auto stream = port_->lowLevelProvider().wrapSocketFd(pair[0]);
  ::close(pair[0]);
  ASSERT_EQ(::write(pair[1], "abc", 3), 3);
  char buffer[8] = {};
  EXPECT_EQ(runUntil(stream->tryRead(buffer, 3, sizeof buffer)), 3u);
  ::close(pair[1]);
}

TEST_F(KjEventPortTest, ContinuationsRunInTheTurnThatMadeThemReady) {
  auto paf = kj::newPromiseAndFulfiller<void>();
  bool continued = false;
  auto task = paf.promise.then([&] { continued = true; }).eagerlyEvaluate(nullptr);
  Timer timer(loop_, [&] { paf.fulfiller->fulfill(); });
  timer.start(0);
  loop_.runNoWait();
  EXPECT_TRUE(continued);
}

}  // namespace
}  // namespace glaux::daemon
