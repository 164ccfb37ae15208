#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"

// executor.capnp, `OutputPaths` and what `Executor.run` says of output.
namespace glaux::plugins::check {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kOversize = std::uintmax_t{64} << 20;
constexpr std::uintmax_t kLarge = std::uintmax_t{4} << 20;

std::vector<fs::path> filesOf(const RunRequest& request) {
  return {request.stdout_path, request.stderr_path, request.result_path};
}

void theFilesExistBeforeTheCodeStarts(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  const auto request = session.request("c", trial.sleep(20s));
  session.connection().run(request);
  session.waitStarted("c");
  for (const auto& file : filesOf(request))
    expect(fs::exists(file), "the code runs, but there is no " + file.string());
}

void theFilesHaveMode0640(Trial& trial) {
  CheckedSession session(trial);
  const auto request = session.request("c", "");
  session.connection().run(request);
  session.waitFinished("c");
  for (const auto& file : filesOf(request)) {
    struct stat status {};
    expect(::stat(file.c_str(), &status) == 0, "there is no " + file.string());
    expect((status.st_mode & 0777) == 0640, "the mode of " + file.string() + " is not 0640");
  }
}

void directoriesAreCreated(Trial& trial) {
  CheckedSession session(trial);
  auto request = session.request("c", trial.print("deep"));
  request.stdout_path = trial.directory() / "a" / "b" / "c" / "stdout";
  session.connection().run(request);
  session.waitFinished("c");
  expectEqual("stdout", readFile(request.stdout_path), "deep\n");
}

void existingFilesAreAppendedTo(Trial& trial) {
  CheckedSession session(trial);
  const auto request = session.request("c", trial.print("new"));
  std::ofstream(request.stdout_path) << "old\n";
  session.connection().run(request);
  session.waitFinished("c");
  expectEqual("stdout", readFile(request.stdout_path), "old\nnew\n");
}

void stdoutIsCompleteWhenFinished(Trial& trial) {
  CheckedSession session(trial);
  for (int i = 0; i < 20; ++i) {
    const std::string text = "output-" + std::to_string(i);
    const std::string code = inTurn({trial.print("first"), trial.print(text)});
    expectEqual("stdout", session.expectPrinted(code), "first\n" + text + "\n");
  }
}

void stderrIsAFileOfItsOwn(Trial& trial) {
  CheckedSession session(trial);
  const auto finished = session.expectCompleted(
      inTurn({trial.code("print_stderr", {{"text", "warning"}}), trial.print("output")}));
  expectEqual("stderr", session.standardError(finished.calculation_id), "warning\n");
  expectEqual("stdout", session.standardOutput(finished.calculation_id), "output\n");
}

void resultsAreJsonLines(Trial& trial) {
  CheckedSession session(trial);
  const auto finished = session.expectCompleted(trial.code("result", {{"text", "42"}}));
  std::istringstream lines(session.result(finished.calculation_id));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    expect(json.is_object(), "this line of the result is no object: " + inQuotes(line));
    const auto type = json.value("type", "");
    expect(type == "execute_result" || type == "display_data", "no such type: " + inQuotes(line));
    expect(json.contains("data") && json["data"].is_object() && !json["data"].empty(),
           "no data: " + inQuotes(line));
    expect(json.contains("metadata") && json["metadata"].is_object(), "no metadata: " + line);
    expectContains("the result", line, "42");
  }
  expectAtLeast("the number of results", count, 1);
}

void anErrorIsPrintedToStderr(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(trial.code("fail", {{"text", "oops"}}));
  session.waitFinished(id);
  const std::string printed = session.standardError(id);
  expectContains("stderr", printed, trial.says("error_output", {{"text", "oops"}}));
  expect(printed.find("Traceback (most recent call last)") == std::string::npos,
         "stderr has the traceback's header: " + inQuotes(printed));
}

void oversizeOutputIsComplete(Trial& trial) {
  CheckedSession session(trial);
  const auto code = trial.code("big_output", {{"bytes", std::to_string(kOversize)}});
  const std::string id = session.begin(inTurn({code, trial.print("the-end")}));
  const auto is_over = [&] { return !all<CalculationFinished>(session.reports()).empty(); };
  expect(trial.waitUntil(is_over, 100s), "64 MiB of output took more than 100 seconds");
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  const std::string end = "the-end\n";
  const fs::path file = session.request(id, "").stdout_path;
  expectEqual("the size of stdout", static_cast<std::int64_t>(fs::file_size(file)),
              static_cast<std::int64_t>(kOversize + end.size()));
  expect(readFile(file).ends_with(end), "stdout does not end with what was printed last");
}

void outputIsVisibleWhileCodeRuns(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(inTurn({trial.print("at-once"), trial.sleep(20s)}));
  session.waitStarted(id);
  expect(trial.waitUntil([&] { return session.standardOutput(id) == "at-once\n"; }, 5s),
         "after five seconds stdout is still " + inQuotes(session.standardOutput(id)));
  expect(all<CalculationFinished>(session.reports()).empty(), "the code has ended already");
}

void outputOfCanceledCodeIsKept(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(inTurn({trial.print("kept"), trial.sleep(20s)}));
  session.waitStarted(id);
  trial.waitUntil([&] { return !session.standardOutput(id).empty(); }, 5s);
  session.connection().interrupt(id);
  session.waitFinished(id);
  expectEqual("stdout", session.standardOutput(id), "kept\n");
}

void linesStayInOrder(Trial& trial) {
  CheckedSession session(trial);
  std::string code, expected;
  for (int i = 0; i < 500; ++i) {
    code += trial.print(std::to_string(i)) + "\n";
    expected += std::to_string(i) + "\n";
  }
  expectEqual("stdout", session.expectPrinted(code), expected);
}

void aFileThatCannotBeMadeFailsTheCalculation(Trial& trial) {
  CheckedSession session(trial);
  std::ofstream(trial.directory() / "file") << "no directory";
  auto request = session.request("c", trial.print("x"));
  request.stdout_path = trial.directory() / "file" / "stdout";
  session.connection().run(request);
  const auto failed = session.waitFinished("c");
  expectEqual("the outcome", nameOf(failed.outcome), "failed");
  expect(!failed.reason.empty(), "it failed without a reason");
  session.expectCompleted("");
}

void aFullDiskFailsTheCalculation(Trial& trial) {
  CheckedSession session(trial);
  auto request = session.request("c", trial.print("x"));
  request.stdout_path = "/dev/full";
  session.connection().run(request);
  const auto failed = session.waitFinished("c");
  expectEqual("the outcome", nameOf(failed.outcome), "failed");
  expect(!failed.reason.empty(), "it failed without a reason");
  session.expectCompleted("");
}

void theReserveOfTheDiskIsKept(Trial& trial) {
  CheckedSession session(trial, {.min_free_mib = 0xffffffff});
  const std::string id =
      session.begin(trial.code("big_output", {{"bytes", std::to_string(kLarge)}}));
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "failed");
  const auto size = fs::file_size(session.request(id, "").stdout_path);
  expectAtMost("the size of stdout", static_cast<std::int64_t>(size), kLarge / 2);
}

}  // namespace

Group outputCases() {
  return {"output",
          {
              {"oversize-output-is-complete", oversizeOutputIsComplete},
              {"the-files-exist-before-the-code-starts", theFilesExistBeforeTheCodeStarts},
              {"the-files-have-mode-0640", theFilesHaveMode0640},
              {"directories-are-created", directoriesAreCreated},
              {"existing-files-are-appended-to", existingFilesAreAppendedTo},
              {"stdout-is-complete-when-finished", stdoutIsCompleteWhenFinished},
              {"stderr-is-a-file-of-its-own", stderrIsAFileOfItsOwn},
              {"results-are-json-lines", resultsAreJsonLines},
              {"an-error-is-printed-to-stderr", anErrorIsPrintedToStderr},
              {"output-is-visible-while-code-runs", outputIsVisibleWhileCodeRuns},
              {"output-of-canceled-code-is-kept", outputOfCanceledCodeIsKept},
              {"lines-stay-in-order", linesStayInOrder},
              {"a-file-that-cannot-be-made-fails-the-calculation",
               aFileThatCannotBeMadeFailsTheCalculation},
              {"a-full-disk-fails-the-calculation", aFullDiskFailsTheCalculation},
              {"the-reserve-of-the-disk-is-kept", theReserveOfTheDiskIsKept},
          }};
}

}  // namespace glaux::plugins::check
