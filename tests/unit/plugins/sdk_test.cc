#include <gtest/gtest.h>

#include "plugins/mock/script.h"
#include "plugins/protocol/spool.h"
#include "plugins/sdk/output_files.h"
#include "plugins/sdk/report_log.h"
#include "plugins/sdk/usage_meter.h"
#include "tests/unit/plugins/temporary_directory.h"

namespace glaux::plugins {
namespace {

// One report of every kind, with every field set.
const decltype(Report::what) kKinds[] = {
    SessionReady{"ipython", "python", "3.11"},
    ExecutorChanged{"w", ExecutorType::kWorker, ExecutorState::kTerminated, 3},
    CalculationStarted{"a"},
    Progress{"a", "40%"},
    Usage{"c", 10, "a", 7},
    CalculationFinished{"a", Outcome::kCanceled, "reason", Usage{"c", 11, "a", 8}},
    CalculationFinished{"b", Outcome::kFailed, "never began", {}},
    SessionEnded{Ending::kFailed, "reason"},
    KernelDied{"reason"},
    Degraded{"reason"},
    Recovered{},
};

TEST(ReportLog, NumbersFromOneAndSpoolsEveryKind) {
  const TemporaryDirectory directory;
  ReportLog log(directory.path);
  for (const auto& what : kKinds) log.append(what);
  EXPECT_EQ(log.lastNumber(), std::size(kKinds));
  const auto spooled = readSpool(directory.path).value();
  EXPECT_EQ(spooled, log.read(1, 100));
  for (std::size_t i = 0; i < std::size(kKinds); ++i) {
    EXPECT_EQ(spooled[i].number, i + 1);
    EXPECT_EQ(spooled[i].what, kKinds[i]);
    EXPECT_GT(spooled[i].time_ms, 1'600'000'000'000);
  }
}

TEST(ReportLog, ReadsFromANumberUpToALimit) {
  const TemporaryDirectory directory;
  ReportLog log(directory.path);
  for (int i = 0; i < 5; ++i) log.append(CalculationStarted{std::to_string(i)});
  EXPECT_EQ(log.read(4, 100).size(), 2u);
  EXPECT_EQ(log.read(2, 2).front().number, 2u);
  EXPECT_EQ(log.read(2, 2).size(), 2u);
  EXPECT_TRUE(log.read(6, 100).empty());
}

TEST(ReportLog, AcknowledgedReportsAreForgotten) {
  const TemporaryDirectory directory;
  ReportLog log(directory.path);
  for (int i = 0; i < 3; ++i) log.append(CalculationStarted{"x"});
  log.acknowledge(2);
  EXPECT_EQ(log.acknowledgedThrough(), 2u);
  EXPECT_EQ(log.read(1, 100).front().number, 3u);
  log.acknowledge(1);
  EXPECT_EQ(log.acknowledgedThrough(), 2u);
  log.acknowledge(99);
  EXPECT_EQ(log.acknowledgedThrough(), 3u);
  EXPECT_EQ(std::filesystem::file_size(directory.path / "spool"), 0u);
  log.append(CalculationStarted{"x"});
  EXPECT_EQ(readSpool(directory.path).value().at(0).number, 4u);
}

TEST(ReportLog, AReportCutShortIsLeftOutOfTheSpool) {
  const TemporaryDirectory directory;
  {
    ReportLog log(directory.path);
    log.append(CalculationStarted{"a"});
    log.append(CalculationStarted{"b"});
  }
  const auto path = directory.path / "spool";
  const auto whole = std::filesystem::file_size(path);
  for (auto size = whole - 1; size > whole / 2; --size) {
    std::filesystem::resize_file(path, size);
    EXPECT_EQ(readSpool(directory.path).value().size(), 1u) << size;
  }
}

TEST(ReportLog, NoSpoolIsAnEmptySpool) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(readSpool(directory.path).value().empty());
}

TEST(ReportLog, ChangesAreAnnounced) {
  const TemporaryDirectory directory;
  ReportLog log(directory.path);
  int changes = 0;
  log.onChange([&] { ++changes; });
  log.append(CalculationStarted{"a"});
  EXPECT_EQ(changes, 1);
}

TEST(UsageMeter, CountsDpusTimesMilliseconds) {
  UsageMeter meter("c", 3);
  meter.begin("a", 1000);
  EXPECT_EQ(meter.read(1500), (Usage{"c", 1500, "a", 1500}));
  EXPECT_EQ(meter.finish(2000), (Usage{"c", 3000, "a", 3000}));
}

TEST(UsageMeter, TimeBetweenCalculationsIsFree) {
  UsageMeter meter("c", 1);
  meter.begin("a", 0);
  meter.finish(10);
  meter.begin("b", 100'000);
  EXPECT_EQ(meter.finish(100'005), (Usage{"c", 15, "b", 5}));
}

TEST(UsageMeter, WhatBeganHasCostAMillisecond) {
  UsageMeter meter("c", 2);
  meter.begin("a", 50);
  EXPECT_EQ(meter.finish(50), (Usage{"c", 2, "a", 2}));
}

TEST(OutputFiles, AppendToWhatIsThere) {
  const TemporaryDirectory directory;
  directory.write("out", "before\n");
  OutputFiles files({directory.path / "out", directory.path / "err", directory.path / "res"});
  files.writeStdout("after\n");
  files.writeResult("{}");
  EXPECT_EQ(files.error(), "");
  std::ifstream out(directory.path / "out");
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>(out), {}}), "before\nafter\n");
  EXPECT_EQ(std::filesystem::file_size(directory.path / "res"), 3u);
  EXPECT_EQ(std::filesystem::file_size(directory.path / "err"), 0u);
}

TEST(OutputFiles, APathThatCannotBeIsAnError) {
  const OutputFiles files({"/dev/null/out", "/dev/null/err", "/dev/null/res"});
  EXPECT_EQ(files.error(), "output file /dev/null/out cannot be created: Not a directory");
}

TEST(Script, HasOneInstructionALine) {
  EXPECT_EQ(parseScript("print a b\n\n  \nsleep 10\ncrash"),
            (std::vector<Instruction>{{"print", "a b"}, {"sleep", "10"}, {"crash", ""}}));
  EXPECT_TRUE(parseScript("").empty());
}

}  // namespace
}  // namespace glaux::plugins
