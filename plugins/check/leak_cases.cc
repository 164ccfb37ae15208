#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"

// What an executor opens or starts for something, it closes or ends when that is over.
namespace glaux::plugins::check {
namespace {

constexpr int kRepetitions = 20;

std::int64_t descriptors(const CheckedSession& session) {
  return static_cast<std::int64_t>(descriptorsOf(session.pid()).size());
}

void expectNoMoreDescriptors(Trial& trial, const CheckedSession& session, std::int64_t before) {
  trial.waitUntil([&] { return descriptors(session) <= before; }, 3s);
  expectAtMost("the number of the executor's descriptors", descriptors(session), before);
}

void descriptorsDoNotGrowWithCalculations(Trial& trial) {
  CheckedSession session(trial);
  for (int i = 0; i < 3; ++i) session.expectCompleted(trial.print("warm"));
  const std::int64_t before = descriptors(session);
  for (int i = 0; i < kRepetitions; ++i) session.expectCompleted(trial.print("x"));
  expectNoMoreDescriptors(trial, session, before);
}

void descriptorsDoNotGrowWithRefusedCalculations(Trial& trial) {
  CheckedSession session(trial);
  session.beginStubborn(60s);
  session.run("");
  const std::int64_t before = descriptors(session);
  for (int i = 0; i < kRepetitions; ++i) session.run("");
  expectNoMoreDescriptors(trial, session, before);
}

void descriptorsDoNotGrowWithConnections(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  const std::int64_t before = descriptors(session);
  for (int i = 0; i < kRepetitions; ++i) {
    session.disconnect();
    session.connectAndWatch(session.lastNumber() + 1);
  }
  expectNoMoreDescriptors(trial, session, before);
}

void descriptorsDoNotGrowWithStrangers(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  const std::int64_t before = descriptors(session);
  for (int i = 0; i < kRepetitions; ++i) {
    Connection stranger(trial.loop(), session.directory());
    static_cast<void>(stranger.authenticate(std::string(32, 'x')));
  }
  expectNoMoreDescriptors(trial, session, before);
}

void descriptorsDoNotGrowWithDeaths(Trial& trial) {
  CheckedSession session(trial, {.kernel_restarts = 10});
  session.run(trial.code("die"));
  if (all<KernelDied>(session.reports()).empty()) skip("it cannot replace a kernel");
  session.expectCompleted("");
  const std::int64_t before = descriptors(session);
  for (int i = 0; i < 4; ++i) {
    session.run(trial.code("die"));
    session.expectCompleted("");
  }
  expectNoMoreDescriptors(trial, session, before + 2);
}

void processesDoNotGrowWithCalculations(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted(trial.print("warm"));
  const std::size_t before = session.workers().size();
  for (int i = 0; i < kRepetitions; ++i) session.expectCompleted(trial.print("x"));
  expectAtMost("the number of the session's processes",
               static_cast<std::int64_t>(session.workers().size()),
               static_cast<std::int64_t>(before));
}

void filesDoNotGrowWithCalculations(Trial& trial) {
  CheckedSession session(trial);
  const auto files = [&] {
    std::int64_t count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::recursive_directory_iterator(session.directory()))
      ++count;
    return count;
  };
  for (int i = 0; i < 3; ++i) session.expectCompleted(trial.print("warm"));
  const std::int64_t before = files();
  for (int i = 0; i < kRepetitions; ++i) session.expectCompleted(trial.print("x"));
  expectAtMost("the number of files in the session directory", files(), before);
}

}  // namespace

Group leakCases() {
  return {"leaks",
          {
              {"descriptors-do-not-grow-with-calculations", descriptorsDoNotGrowWithCalculations},
              {"descriptors-do-not-grow-with-refused-calculations",
               descriptorsDoNotGrowWithRefusedCalculations},
              {"descriptors-do-not-grow-with-connections", descriptorsDoNotGrowWithConnections},
              {"descriptors-do-not-grow-with-strangers", descriptorsDoNotGrowWithStrangers},
              {"descriptors-do-not-grow-with-deaths", descriptorsDoNotGrowWithDeaths},
              {"processes-do-not-grow-with-calculations", processesDoNotGrowWithCalculations},
              {"files-do-not-grow-with-calculations", filesDoNotGrowWithCalculations},
          }};
}

}  // namespace glaux::plugins::check
