#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/schema.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/process_identity.h"
#include "plugins/protocol/proof.h"
#include "plugins/protocol/report_codec.h"
#include "plugins/protocol/spool.h"
#include "tests/unit/plugins/temporary_directory.h"

namespace glaux::plugins {
namespace {

Bootstrap someBootstrap() {
  Bootstrap bootstrap;
  bootstrap.session_id = "s";
  bootstrap.key = std::string("\0\1\2", 3) + std::string(29, 'k');
  bootstrap.session_directory = "/run/s";
  bootstrap.coordinator_executor_id = "c";
  bootstrap.dpus = 4;
  bootstrap.settings = {{"kernel", "python3"}, {"empty", ""}};
  bootstrap.lease_seconds = 60;
  bootstrap.min_free_mib = 64;
  bootstrap.kernel_restarts = 3;
  return bootstrap;
}

TEST(Protocol, BootstrapComesBackAsItWasSent) {
  EXPECT_EQ(decodeBootstrap(encodeBootstrap(someBootstrap())).value(), someBootstrap());
}

TEST(Protocol, GreetingComesBackAsItWasSent) {
  const Greeting greeting{1, 4711, "no such kernel"};
  EXPECT_EQ(decodeGreeting(encodeGreeting(greeting)).value(), greeting);
}

TEST(Protocol, EveryTruncationOfABootstrapIsAnError) {
  const std::string bytes = encodeBootstrap(someBootstrap());
  EXPECT_EQ(framedMessageSize(bytes), bytes.size());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decodeBootstrap(std::string_view(bytes).substr(0, size))) << size;
  }
}

TEST(Protocol, EveryBitFlippedInABootstrapIsReadOrRefusedButNeverFatal) {
  const std::string bytes = encodeBootstrap(someBootstrap());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string broken = bytes;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << (bit % 8)));
    [[maybe_unused]] const auto result = decodeBootstrap(broken);
  }
}

TEST(Protocol, BootstrapWithoutASessionKeyOrPathIsRefused) {
  auto bootstrap = someBootstrap();
  bootstrap.key.pop_back();
  EXPECT_EQ(decodeBootstrap(encodeBootstrap(bootstrap)).error().message,
            "bootstrap message has a key of the wrong size");
  bootstrap = someBootstrap();
  bootstrap.session_directory = "relative";
  EXPECT_FALSE(decodeBootstrap(encodeBootstrap(bootstrap)));
  bootstrap = someBootstrap();
  bootstrap.session_id = "";
  EXPECT_FALSE(decodeBootstrap(encodeBootstrap(bootstrap)));
  bootstrap = someBootstrap();
  bootstrap.dpus = 0;
  EXPECT_FALSE(decodeBootstrap(encodeBootstrap(bootstrap)));
}

// A report whose 16 bits at `offset`, an enumeration or the kind, hold a value of the future.
Report readWithFutureValue(protocol::Report::Builder report, capnp::AnyStruct::Builder part,
                           std::size_t offset) {
  reinterpret_cast<std::uint16_t*>(part.getDataSection().begin())[offset] = 999;
  return readReport(report.asReader());
}

TEST(Protocol, WhatALaterVersionReportsCountsAndSaysNothing) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<protocol::Report>();
  writeReport({7, 5, KernelDied{"x"}}, report);
  const std::size_t kind =
      capnp::Schema::from<protocol::Report>().getProto().getStruct().getDiscriminantOffset();
  const Report unknown = readWithFutureValue(report, capnp::toAny(report), kind);
  EXPECT_EQ(unknown, (Report{7, 5, UnknownReport{}}));

  // type is the first 16 bits of ExecutorChanged, state the second.
  for (const std::size_t member : {0, 1}) {
    writeReport({8, 5, ExecutorChanged{}}, report);
    EXPECT_EQ(readWithFutureValue(report, capnp::toAny(report.getExecutorChanged()), member).what,
              decltype(Report::what)(UnknownReport{}));
  }
}

TEST(Protocol, OutcomesAndEndingsOfALaterVersionAreFailures) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<protocol::Report>();
  writeReport({1, 5, CalculationFinished{"c", Outcome::kCompleted, "r", {}}}, report);
  EXPECT_EQ(readWithFutureValue(report, capnp::toAny(report.getCalculationFinished()), 0).what,
            decltype(Report::what)(CalculationFinished{"c", Outcome::kFailed, "r", {}}));
  writeReport({1, 5, SessionEnded{Ending::kClean, "r"}}, report);
  EXPECT_EQ(readWithFutureValue(report, capnp::toAny(report.getSessionEnded()), 0).what,
            decltype(Report::what)(SessionEnded{Ending::kFailed, "r"}));
}

// RFC 4231, test case 2.
TEST(Protocol, HmacMatchesThePublishedVector) {
  const std::string digest = hmacSha256("Jefe", {"what do ya want ", "for nothing?"});
  ASSERT_EQ(digest.size(), 32u);
  EXPECT_EQ(static_cast<unsigned char>(digest[0]), 0x5b);
  EXPECT_EQ(static_cast<unsigned char>(digest[31]), 0x43);
}

TEST(Protocol, ProofsDependOnRoleNoncesKeyAndSession) {
  const std::string key(32, 'k');
  const Nonces nonces{std::string(32, 'a'), std::string(32, 'b')};
  const Nonces swapped{nonces.executor, nonces.caller};
  const std::string proof = proofOfKey(Role::kDaemon, key, nonces, "s");
  EXPECT_EQ(proof, proofOfKey(Role::kDaemon, key, nonces, "s"));
  EXPECT_NE(proof, proofOfKey(Role::kExecutor, key, nonces, "s"));
  EXPECT_NE(proof, proofOfKey(Role::kDaemon, std::string(32, 'x'), nonces, "s"));
  EXPECT_NE(proof, proofOfKey(Role::kDaemon, key, swapped, "s"));
  EXPECT_NE(proof, proofOfKey(Role::kDaemon, key, nonces, "t"));
}

TEST(Identity, NamesThisProcessAndNoOther) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(writeIdentity(directory.path, "session"));
  const ProcessIdentity identity = readIdentity(directory.path).value();
  EXPECT_EQ(identity.pid, static_cast<std::uint32_t>(::getpid()));
  EXPECT_EQ(identity.session_id, "session");
  EXPECT_TRUE(isAlive(identity));

  ProcessIdentity reused_pid = identity;
  ++reused_pid.start_time_ticks;
  EXPECT_FALSE(isAlive(reused_pid));
  ProcessIdentity before_reboot = identity;
  before_reboot.boot_id = "another";
  EXPECT_FALSE(isAlive(before_reboot));
}

TEST(Identity, AMissingOrBrokenFileIsAnError) {
  const TemporaryDirectory directory;
  EXPECT_FALSE(readIdentity(directory.path));
  directory.write("identity.json", "{\"pid\": \"x\"");
  EXPECT_FALSE(readIdentity(directory.path));
  directory.write("identity.json", "[]");
  EXPECT_FALSE(readIdentity(directory.path));
}

}  // namespace
}  // namespace glaux::plugins
