#include <sys/wait.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"

// executor.capnp, "On the command line".
namespace glaux::plugins::check {
namespace {

namespace fs = std::filesystem;

constexpr int kNothingIsLeft = 0;
constexpr int kRefused = 2;

Ran cleanup(Trial& trial, const CheckedSession& session) {
  return trial.command({"cleanup", session.directory().string()}, 20s);
}

void expectCleanedUp(const Ran& ran) {
  expect(ran.exit_status == kNothingIsLeft, "cleanup ended with exit status " +
                                                std::to_string(ran.exit_status) + " and said " +
                                                inQuotes(ran.output));
}

void describePrintsOneJsonObject(Trial& trial) {
  const Ran ran = trial.command({"describe"});
  expectEqual("the exit status", ran.exit_status, 0);
  const auto json = nlohmann::json::parse(ran.output, nullptr, false);
  expect(json.is_object(), "describe did not print one JSON object but " + inQuotes(ran.output));
  for (const char* field : {"name", "version"})
    expect(json.contains(field) && json[field].is_string() && json[field] != "",
           std::string(field) + " is no text in " + inQuotes(ran.output));
  expect(json.contains("protocol") && json["protocol"].is_number_unsigned(),
         "protocol is no number in " + inQuotes(ran.output));
  expect(json.contains("capabilities") && json["capabilities"].is_object() &&
             json["capabilities"].value("interrupt", nlohmann::json()).is_boolean(),
         "capabilities.interrupt is no boolean in " + inQuotes(ran.output));
  expect(json.contains("kernels") && json["kernels"].is_array(),
         "kernels is no list in " + inQuotes(ran.output));
}

void describeNamesThePlugin(Trial& trial) {
  expectEqual("the name", trial.subject().description.name, trial.subject().plugin.name);
  expectEqual("the version of the protocol", trial.subject().description.protocol_version,
              kProtocolVersion);
}

void describeAnswersWithinFiveSeconds(Trial& trial) {
  const Ran ran = trial.command({"describe"});
  expectAtMost("the milliseconds it took", ran.duration.count(), trial.scaled(5s).count());
}

void describeHasNoSideEffects(Trial& trial) {
  trial.command({"describe"});
  expect(fs::is_empty(trial.directory()), "describe left a file in its current directory");
  const auto again = trial.command({"describe"});
  const auto repeated = parseDescription(again.output);
  expect(repeated.has_value() && repeated->kernels == trial.subject().description.kernels,
         "describe answers differently the second time: " + inQuotes(again.output));
}

void anUnknownVerbIsAWrongCall(Trial& trial) {
  const Ran ran = trial.command({"no-such-verb"});
  expect(ran.exit_status > 0,
         "with an unknown verb it did not exit with a status of its own within ten seconds");
}

void cleanupWhereNothingBeganFindsNothing(Trial& trial) {
  const fs::path empty = trial.directory() / "empty";
  fs::create_directory(empty);
  expectCleanedUp(trial.command({"cleanup", empty.string()}));
}

void cleanupOfNoDirectoryIsAWrongCall(Trial& trial) {
  const Ran ran = trial.command({"cleanup", (trial.directory() / "absent").string()});
  expectEqual("the exit status", ran.exit_status, kRefused);
}

void cleanupLeavesALivingExecutorInPeace(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  const auto workers = session.workers();
  const Ran ran = cleanup(trial, session);
  expectEqual("the exit status", ran.exit_status, kRefused);
  expect(session.workers() == workers, "cleanup ended processes of a session that lives");
  expect(isRunning(session.pid()), "cleanup ended an executor that lives");
  session.expectCompleted("");
}

void cleanupAfterADeathSaysWhatItDid(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  session.killExecutor();
  const Ran ran = cleanup(trial, session);
  expectCleanedUp(ran);
  expect(!ran.output.empty(), "cleanup said nothing");
  session.expectNothingIsLeft();
}

void cleanupMayBeRepeated(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  session.killExecutor();
  for (int i = 0; i < 3; ++i) expectCleanedUp(cleanup(trial, session));
}

void cleanupAfterAnOrderlyEndFindsNothing(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  session.terminate();
  session.waitEnded();
  session.waitExit();
  expectCleanedUp(cleanup(trial, session));
}

void cleanupEndsWhatCodeHasDetached(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted(trial.code("spawn_detached"));
  expect(!session.workers().empty(), "the code's process carries no label");
  session.killExecutor();
  expectCleanedUp(cleanup(trial, session));
  session.expectNothingIsLeft();
}

void cleanupKeepsTheSpool(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.killExecutor();
  const auto before = session.spool();
  expectCleanedUp(cleanup(trial, session));
  expect(session.spool() == before, "cleanup changed the spool");
}

void cleanupByForceEndsTheExecutorToo(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  const Ran ran = trial.command({"cleanup", session.directory().string(), "--force"}, 20s);
  expectCleanedUp(ran);
  session.waitExit();
  session.expectNothingIsLeft();
}

}  // namespace

Group commandLineCases() {
  return {"command-line",
          {
              {"describe-prints-one-json-object", describePrintsOneJsonObject},
              {"describe-names-the-plugin-and-the-protocol", describeNamesThePlugin},
              {"describe-answers-within-five-seconds", describeAnswersWithinFiveSeconds},
              {"describe-has-no-side-effects", describeHasNoSideEffects},
              {"an-unknown-verb-is-a-wrong-call", anUnknownVerbIsAWrongCall},
              {"cleanup-where-nothing-began-finds-nothing", cleanupWhereNothingBeganFindsNothing},
              {"cleanup-of-no-directory-is-a-wrong-call", cleanupOfNoDirectoryIsAWrongCall},
              {"cleanup-leaves-a-living-executor-in-peace", cleanupLeavesALivingExecutorInPeace},
              {"cleanup-after-a-death-says-what-it-did", cleanupAfterADeathSaysWhatItDid},
              {"cleanup-may-be-repeated", cleanupMayBeRepeated},
              {"cleanup-after-an-orderly-end-finds-nothing", cleanupAfterAnOrderlyEndFindsNothing},
              {"cleanup-ends-what-code-has-detached", cleanupEndsWhatCodeHasDetached},
              {"cleanup-keeps-the-spool", cleanupKeepsTheSpool},
              {"cleanup-by-force-ends-the-executor-too", cleanupByForceEndsTheExecutorToo},
          }};
}

}  // namespace glaux::plugins::check
