#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/plugins/executor_harness.h"

// The real process executor with the machine's real Python kernel.
namespace glaux::plugins {
namespace {

using namespace std::chrono_literals;

const ExecutorHarness::Options kPython = {.settings = {
                                              {"kernel", "python3"},
                                              {"environment", "HOME PATH LANG LC_*"},
                                          }};

class Process : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ::setenv("GLAUX_SECRET", "1", 1); }

  // Runs the code and expects it to complete without a word on stderr.
  std::string print(const std::string& code) {
    const auto finished = harness.run(code);
    EXPECT_EQ(finished.outcome, Outcome::kCompleted) << finished.reason;
    EXPECT_EQ(harness.standardError(finished.calculation_id), "");
    return harness.standardOutput(finished.calculation_id);
  }

  // Runs the code, expects it to fail, and answers the traceback.
  std::string fail(const std::string& code) {
    last_failure = harness.run(code);
    EXPECT_EQ(last_failure.outcome, Outcome::kFailed);
    return harness.standardError(last_failure.calculation_id);
  }

  // Starts the code and returns when it has printed something.
  std::string beginAndWaitForOutput(const std::string& code) {
    const std::string id = harness.begin(code);
    EXPECT_TRUE(harness.waitUntil([&] { return !harness.all<CalculationStarted>().empty(); }));
    EXPECT_TRUE(harness.waitUntil([&] { return !harness.standardOutput(id).empty(); }));
    return id;
  }

  pid_t kernelPid() { return std::stoi(print("import os; print(os.getpid())")); }

  static bool isRunning(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(stat), {}};
    return !text.empty() && text.substr(text.rfind(')')).substr(2, 1) != "Z";
  }

  ExecutorHarness harness{"process", kPython};
  CalculationFinished last_failure;
};

TEST_F(Process, ReadinessNamesTheInterpreter) {
  const auto ready = harness.waitReady();
  EXPECT_EQ(ready.implementation, "ipython");
  EXPECT_EQ(ready.language, "python");
  EXPECT_EQ(ready.language_version.substr(0, 2), "3.");
}

TEST_F(Process, StateIsKeptFromOneCalculationToTheNext) {
  EXPECT_EQ(print("x = 20\ndef double(n):\n    return 2 * n"), "");
  EXPECT_EQ(print("print(double(x) + 2)"), "42\n");
}

TEST_F(Process, AnExpressionsValueGoesToTheResultOnly) {
  EXPECT_EQ(print("1 + 1"), "");
  const auto result = nlohmann::json::parse(harness.result("calculation-1"));
  EXPECT_EQ(result, nlohmann::json::parse(
                        R"({"type":"execute_result","data":{"text/plain":"2"},"metadata":{}})"));
}

TEST_F(Process, RichOutputsAreOneLineEach) {
  print("from IPython.display import HTML\ndisplay(HTML('<b>a</b>'))\nHTML('<b>b</b>')");
  std::istringstream lines(harness.result("calculation-1"));
  std::string line;
  std::vector<std::string> found;
  while (std::getline(lines, line)) {
    const auto json = nlohmann::json::parse(line);
    found.push_back(json.at("type").get<std::string>() + " " +
                    json.at("data").at("text/html").get<std::string>());
  }
  EXPECT_EQ(found, (std::vector<std::string>{"display_data <b>a</b>", "execute_result <b>b</b>"}));
}

TEST_F(Process, ErrorsPrintAsTheInterpreterPrintsThem) {
  EXPECT_EQ(fail("\nprint(foobar)"),
            "  File \"<stdin>\", line 2, in <module>\n"
            "NameError: name 'foobar' is not defined\n");
  EXPECT_EQ(last_failure.reason, "NameError: name 'foobar' is not defined");
}

TEST_F(Process, TracebacksNameEveryFrameOfTheBlock) {
  print("def outer():\n    inner()\n\ndef inner():\n    raise ValueError('deep')");
  EXPECT_EQ(fail("outer()"),
            "  File \"<stdin>\", line 1, in <module>\n"
            "  File \"<stdin>\", line 2, in outer\n"
            "  File \"<stdin>\", line 5, in inner\n"
            "ValueError: deep\n");
}

TEST_F(Process, ChainedErrorsKeepTheirConnectingText) {
  EXPECT_EQ(fail("try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('k')"),
            "  File \"<stdin>\", line 2, in <module>\n"
            "ZeroDivisionError: division by zero\n"
            "\n"
            "During handling of the above exception, another exception occurred:\n"
            "\n"
            "  File \"<stdin>\", line 4, in <module>\n"
            "KeyError: 'k'\n");
  EXPECT_EQ(fail("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e"),
            "  File \"<stdin>\", line 2, in <module>\n"
            "ZeroDivisionError: division by zero\n"
            "\n"
            "The above exception was the direct cause of the following exception:\n"
            "\n"
            "  File \"<stdin>\", line 4, in <module>\n"
            "KeyError: 'k'\n");
}

TEST_F(Process, SyntaxErrorsPointAtThePlace) {
  EXPECT_EQ(fail("x = 1\ny = = 2"),
            "  File \"<stdin>\", line 2\n"
            "    y = = 2\n"
            "        ^\n"
            "SyntaxError: invalid syntax\n");
  EXPECT_EQ(fail("  x = 1"),
            "  File \"<stdin>\", line 1\n"
            "    x = 1\n"
            "IndentationError: unexpected indent\n");
}

TEST_F(Process, LibraryFramesKeepTheirSource) {
  const std::string text = fail("import json\njson.loads('{')");
  EXPECT_EQ(text.rfind("  File \"<stdin>\", line 2, in <module>\n  File \"/usr/lib/python3", 0), 0u)
      << text;
  EXPECT_NE(text.find("    return _default_decoder.decode(s)\n"), std::string::npos) << text;
}

TEST_F(Process, RecursionIsSummedUp) {
  const std::string text = fail("def f():\n    f()\nf()");
  EXPECT_LT(text.size(), 1000u);
  EXPECT_NE(text.find("more times]\n"), std::string::npos) << text;
  EXPECT_EQ(last_failure.reason, "RecursionError: maximum recursion depth exceeded");
}

TEST_F(Process, AHugeErrorMessageArrivesWhole) {
  const std::string text = fail("raise ValueError('x' * 5_000_000)");
  EXPECT_GT(text.size(), 5'000'000u);
}

TEST_F(Process, ExitRaisesAndTheSessionGoesOn) {
  fail("exit(3)");
  EXPECT_EQ(last_failure.reason, "SystemExit: 3");
  EXPECT_EQ(fail("import sys\nsys.exit('bye')"),
            "  File \"<stdin>\", line 2, in <module>\nSystemExit: bye\n");
  EXPECT_EQ(fail("raise SystemExit"), "  File \"<stdin>\", line 1, in <module>\nSystemExit\n");
  EXPECT_EQ(print("print('alive')"), "alive\n");
}

TEST_F(Process, PlainPythonBehavesAsInAScript) {
  EXPECT_EQ(print("import asyncio\nasync def f():\n    return 7\nprint(asyncio.run(f()))"), "7\n");
  EXPECT_EQ(print("print(await f())"), "7\n");
  EXPECT_EQ(print("print(__name__)"), "__main__\n");
  EXPECT_EQ(fail("ls"),
            "  File \"<stdin>\", line 1, in <module>\n"
            "NameError: name 'ls' is not defined\n");
  EXPECT_EQ(print("s = '''\n>>> x\n'''\nprint(s)"), "\n>>> x\n\n");
}

TEST_F(Process, WhatSubprocessesPrintArrivesBeforeTheEnd) {
  EXPECT_EQ(print("import os\nfor i in range(20): os.system(f'echo {i} ä')").size(), 20u * 5 + 10);
  EXPECT_EQ(print("os.write(1, 'ä'.encode() * 5000) and None"), [] {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "ä";
    return text;
  }());
}

TEST_F(Process, TenMebibytesArriveWholeInOnePrint) {
  EXPECT_EQ(print("print('x' * (10 << 20))").size(), (10u << 20) + 1);
}

TEST_F(Process, TenMebibytesArriveWholeInManyPrints) {
  const std::string text = print("for i in range(10 << 14): print('x' * 63)");
  EXPECT_EQ(text.size(), 10u << 20);
}

TEST_F(Process, ManyFlushedPrintsOutrunNoQueue) {
  EXPECT_EQ(print("for i in range(3000): print('x', flush=True)").size(), 6000u);
}

TEST_F(Process, OutputCanBeReadWhileTheCodeRuns) {
  const std::string id = harness.begin("import time\nprint('early', flush=True)\ntime.sleep(60)");
  EXPECT_TRUE(harness.waitUntil([&] { return !harness.all<CalculationStarted>().empty(); }));
  EXPECT_TRUE(harness.waitUntil([&] { return harness.standardOutput(id) == "early\n"; }));
}

TEST_F(Process, InterruptStopsASleep) {
  const std::string id = beginAndWaitForOutput("import time\nprint('x')\ntime.sleep(60)");
  harness.client->interrupt(id);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
  EXPECT_EQ(harness.standardError(id),
            "  File \"<stdin>\", line 3, in <module>\nKeyboardInterrupt\n");
  EXPECT_EQ(print("print('alive')"), "alive\n");
}

TEST_F(Process, InterruptStopsABusyLoop) {
  const std::string id = beginAndWaitForOutput("print('x', flush=True)\nwhile True:\n    pass");
  harness.client->interrupt(id);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
}

TEST_F(Process, InterruptThatComesBeforeTheCodeStillTakesEffect) {
  harness.waitReady();
  for (int i = 0; i < 5; ++i) {
    const std::string id = harness.begin("import time\ntime.sleep(60)");
    harness.client->interrupt(id);
    EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
  }
  EXPECT_EQ(print("print('alive')"), "alive\n");
}

TEST_F(Process, KillStopsCodeThatSwallowsInterrupts) {
  const std::string id = beginAndWaitForOutput(
      "import time\nwhile True:\n    try:\n        print('x', flush=True)\n        time.sleep(60)\n"
      "    except KeyboardInterrupt:\n        pass");
  harness.client->interrupt(id);
  EXPECT_FALSE(
      harness.waitUntil([&] { return !harness.all<CalculationFinished>().empty(); }, 1500ms));
  harness.client->kill(id);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
  EXPECT_EQ(harness.waitEnded().ending, Ending::kFailed);
}

TEST_F(Process, DeathOfTheKernelFailsCalculationAndSession) {
  const auto failed = harness.run("import os\nos._exit(3)");
  EXPECT_EQ(failed.outcome, Outcome::kFailed);
  EXPECT_EQ(failed.reason, "The kernel died: exit status 3.");
  EXPECT_EQ(harness.waitEnded().ending, Ending::kFailed);
}

TEST_F(Process, AKilledKernelIsNamedAsSuch) {
  const auto failed = harness.run("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)");
  EXPECT_EQ(failed.reason, "The kernel died: killed by signal 9 (SIGKILL).");
}

TEST_F(Process, KillingTheExecutorKillsTheKernel) {
  const pid_t kernel = kernelPid();
  EXPECT_TRUE(isRunning(kernel));
  ::kill(harness.pid, SIGKILL);
  EXPECT_TRUE(harness.waitUntil([&] { return !isRunning(kernel); }, 2s));
}

TEST_F(Process, TerminateStopsCodeKernelAndExecutor) {
  const pid_t kernel = kernelPid();
  const std::string id = harness.begin("import time\ntime.sleep(60)");
  harness.client->terminate(600'000);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
  EXPECT_EQ(harness.waitEnded().ending, Ending::kClean);
  EXPECT_FALSE(isRunning(kernel));
  EXPECT_EQ(harness.waitExit(), 0);
}

TEST_F(Process, TerminateWhileStartingEndsTheSession) {
  harness.client->terminate(1000);
  EXPECT_EQ(harness.waitEnded().ending, Ending::kClean);
}

TEST_F(Process, GrandchildrenGoWithTheKernel) {
  const pid_t child =
      std::stoi(print("import subprocess\np = subprocess.Popen(['sleep', '60'])\nprint(p.pid)"));
  harness.client->kill(harness.begin("import time\ntime.sleep(60)"));
  harness.waitEnded();
  EXPECT_TRUE(harness.waitUntil([&] { return !isRunning(child); }, 2s));
}

TEST_F(Process, TheKernelInheritsNoDescriptors) {
  // Its own: standard streams, epoll and event descriptors, sockets, pipes; no file and nothing of
  // the executor's.
  const pid_t kernel = kernelPid();
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(kernel) + "/fd")) {
    const std::string target = std::filesystem::read_symlink(entry.path()).string();
    if (target.front() == '/') files.push_back(std::filesystem::path(target).filename());
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  EXPECT_EQ(files, (std::vector<std::string>{"kernel.log", "null"}));
}

TEST_F(Process, TheKernelSeesTheEnvironmentItIsMeantTo) {
  const std::string names = print("import os\nprint(sorted(os.environ))");
  EXPECT_NE(names.find("'PATH'"), std::string::npos);
  EXPECT_EQ(names.find("GLAUX_SECRET"), std::string::npos) << names;
  EXPECT_EQ(print("print(os.path.basename(os.getcwd()))"), "work\n");
}

TEST_F(Process, LateOutputOfAThreadStaysWithItsCalculation) {
  const auto finished = harness.run(
      "import threading, time\ndef late():\n    time.sleep(0.3)\n    print('late', flush=True)\n"
      "threading.Thread(target=late).start()");
  EXPECT_TRUE(harness.waitUntil(
      [&] { return harness.standardOutput(finished.calculation_id) == "late\n"; }));
}

TEST(ProcessStart, AnUnknownKernelEndsTheSession) {
  ExecutorHarness harness("process", {.settings = {{"kernel", "cobol"}}});
  EXPECT_EQ(harness.waitEnded().reason, "There is no kernel named \"cobol\".");
}

TEST(ProcessStart, AKernelThatDiesAtTheStartLeavesItsLastWords) {
  auto options = kPython;
  options.settings["environment"] = "PATH PYTHONHOME";
  ::setenv("PYTHONHOME", "/nonexistent", 1);
  ExecutorHarness harness("process", options);
  ::unsetenv("PYTHONHOME");
  const auto ended = harness.waitEnded();
  EXPECT_EQ(ended.ending, Ending::kFailed);
  EXPECT_EQ(ended.reason.rfind("The kernel died: exit status 1.\n", 0), 0u) << ended.reason;
  EXPECT_NE(ended.reason.find("PYTHONHOME"), std::string::npos) << ended.reason;
}

TEST(ProcessStart, LongSessionDirectoriesWork) {
  auto options = kPython;
  options.directory_suffix = std::string(200, 'x');
  ExecutorHarness harness("process", options);
  EXPECT_EQ(harness.run("1 + 1").outcome, Outcome::kCompleted);
}

}  // namespace
}  // namespace glaux::plugins
