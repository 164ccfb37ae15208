#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "plugins/kernel/output_log.h"
#include "plugins/protocol/spool.h"
#include "plugins/sdk/report_log.h"
#include "plugins/sdk/session_record.h"
#include "plugins/sdk/usage_meter.h"
#include "tests/unit/plugins/temporary_directory.h"

// What a process needs that takes a dead executor's place.
namespace glaux::plugins {
namespace {

TEST(ResumedReportLog, GoesOnBehindTheSpool) {
  const TemporaryDirectory directory;
  {
    ReportLog log(directory.path);
    for (int i = 0; i < 5; ++i) log.append(CalculationStarted{std::to_string(i)});
  }
  ReportLog resumed(directory.path, /*journaled_through=*/3);
  EXPECT_EQ(resumed.lastNumber(), 5u);
  EXPECT_EQ(resumed.acknowledgedThrough(), 3u);
  resumed.append(Recovered{});
  const auto spooled = readSpool(directory.path).value();
  ASSERT_EQ(spooled.size(), 3u);
  EXPECT_EQ(spooled.front().number, 4u);
  EXPECT_EQ(spooled.back().number, 6u);
}

TEST(ResumedReportLog, GoesOnBehindTheJournalIfThatIsAhead) {
  const TemporaryDirectory directory;
  ReportLog(directory.path).append(Recovered{});
  ReportLog resumed(directory.path, /*journaled_through=*/7);
  resumed.append(Recovered{});
  EXPECT_EQ(resumed.read(1, 10).front().number, 8u);
}

TEST(ResumedReportLog, HalfAReportIsNone) {
  const TemporaryDirectory directory;
  {
    ReportLog log(directory.path);
    log.append(CalculationStarted{"a"});
    log.append(CalculationFinished{"a", Outcome::kCompleted, "", {}});
  }
  const auto spool = directory.path / "spool";
  std::filesystem::resize_file(spool, std::filesystem::file_size(spool) - 8);
  ReportLog resumed(directory.path, 0);
  EXPECT_FALSE(resumed.hasFinished("a"));
  resumed.append(SessionEnded{Ending::kFailed, "gone"});
  EXPECT_TRUE(resumed.hasEnded());
  EXPECT_EQ(readSpool(directory.path).value().back().number, 2u);
}

TEST(SessionRecordFile, IsReadAsItWasWritten) {
  const TemporaryDirectory directory;
  const SessionRecordFile file(directory.path);
  EXPECT_FALSE(file.load());
  SessionRecord record;
  record.is_ready = true;
  record.usage = {10, 20, 30};
  record.running = SessionRecord::Running{"b", "print('\xff')", {"/o", "/e", "/r"}, true, true};
  file.save(record);
  file.addId("a");
  const SessionRecord read = file.load().value();
  EXPECT_TRUE(read.is_ready);
  EXPECT_EQ(read.usage.began_cpu_millis, 30u);
  ASSERT_TRUE(read.running);
  EXPECT_EQ(read.running->output.result_path, "/r");
  EXPECT_TRUE(read.running->begun);
  EXPECT_TRUE(read.running->stop_requested);
  EXPECT_FALSE(read.running->killed);
  EXPECT_EQ(read.known_ids, (std::unordered_set<std::string>{"a", "b"}));
}

TEST(UsageMeter, ProcessorTimeCountsWhereItIsMore) {
  UsageMeter meter("c", 1);
  meter.begin("a", 0, Measurement{100, 0, 2});
  const Usage usage = meter.finish(1000, Measurement{4100, 64, 2});
  EXPECT_EQ(usage.calculation_dpu_millis, 2000u);
  EXPECT_EQ(usage.cpu_millis, 4000u);
  EXPECT_EQ(usage.peak_milli_cpus, 4000u);
  EXPECT_EQ(usage.peak_memory_mib, 64u);
}

TEST(UsageMeter, GoesOnFromWhereAnotherStood) {
  UsageMeter first("c", 2);
  first.begin("a", 0);
  first.finish(50);
  first.begin("b", 100);
  UsageMeter second("c", 2);
  second.goOn(first.standing(), "b", 400);
  EXPECT_EQ(second.finish(500), (Usage{"c", 900, "b", 800}));
}

class OutputLogTest : public testing::Test {
 protected:
  static std::string number(std::size_t value) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> 8 * i);
    return bytes;
  }

  static std::string message(const Frames& frames) {
    std::string bytes = number(frames.size());
    for (const std::string& frame : frames) bytes += number(frame.size()) + frame;
    return bytes;
  }

  void append(const std::string& bytes) const {
    std::ofstream(path, std::ios::binary | std::ios::app) << bytes;
  }

  std::unique_ptr<OutputLog> open(std::uint64_t offset = 0) {
    return OutputLog::open(path, offset, io->unixEventPort, io->provider->getTimer(),
                           [this](const Frames& frames) { read.push_back(frames); })
        .value();
  }

  void waitFor(std::size_t messages) {
    for (int i = 0; i < 500 && read.size() < messages; ++i)
      io->provider->getTimer().afterDelay(10 * kj::MILLISECONDS).wait(io->waitScope);
    EXPECT_EQ(read.size(), messages);
  }

  TemporaryDirectory directory;
  std::filesystem::path path = directory.path / "output";
  std::unique_ptr<kj::AsyncIoContext> io = std::make_unique<kj::AsyncIoContext>(kj::setupAsyncIo());
  std::vector<Frames> read;
};

TEST_F(OutputLogTest, IsReadAsItGrows) {
  ASSERT_TRUE(makeOutputLog(path, ::getuid()));
  append(message({"a", ""}) + message({"b"}) + message({"c", "d"}));
  const auto log = open();
  waitFor(3);
  const std::string last = message({std::string(3 << 20, 'x')});
  append(last.substr(0, 100));
  io->provider->getTimer().afterDelay(50 * kj::MILLISECONDS).wait(io->waitScope);
  EXPECT_EQ(read.size(), 3u);
  append(last.substr(100));
  waitFor(4);
  EXPECT_EQ(read[0], (Frames{"a", ""}));
  EXPECT_EQ(read[2], (Frames{"c", "d"}));
  EXPECT_EQ(read[3][0].size(), std::size_t{3} << 20);
  EXPECT_EQ(log->offset(), std::filesystem::file_size(path));
}

TEST_F(OutputLogTest, IsReadOnFromAnOffsetAlsoWhenWhatIsBeforeWasGivenBack) {
  ASSERT_TRUE(makeOutputLog(path, ::getuid()));
  append(message({std::string(100'000, 'x')}));
  std::uint64_t offset = 0;
  {
    const auto log = open();
    waitFor(1);
    offset = log->offset();
    log->forgetBefore(offset);
  }
  append(message({"next"}));
  const auto log = open(offset);
  waitFor(2);
  EXPECT_EQ(read[1], Frames{"next"});
}

TEST_F(OutputLogTest, WhatIsNoMessageEndsTheReading) {
  ASSERT_TRUE(makeOutputLog(path, ::getuid()));
  append(message({"a"}) + std::string(64, '\xff') + message({"b"}));
  const auto log = open();
  waitFor(1);
  log->catchUp();
  EXPECT_EQ(read.size(), 1u);
}

TEST_F(OutputLogTest, IsNoLinkAndNoPipe) {
  std::filesystem::create_symlink("/etc/hostname", path);
  EXPECT_FALSE(OutputLog::open(path, 0, io->unixEventPort, io->provider->getTimer(), {}));
}

}  // namespace
}  // namespace glaux::plugins
