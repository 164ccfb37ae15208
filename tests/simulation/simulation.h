#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "journal/hash.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/daemon_life.h"

namespace glaux::simulation {

struct Result {
  std::uint64_t lives = 0;         // of daemons
  std::uint64_t crash_points = 0;  // at which a daemon died, and another had to go on
  std::uint64_t points = 0;        // at which one could have
  std::uint64_t records = 0;
  std::uint64_t answers = 0;
  std::map<std::string, std::uint64_t> faults;  // by name
  journal::Hash digest;                         // of the whole history
  std::optional<std::string> broken;            // the promise that was, and how
};

// One history, from its seed: daemons come, are killed at points that the seed chooses while
// clients ask and executors report, and are followed by others on what the disk has kept, until
// `crashes` of them have died. Then everybody calms down and all must come to its end.
//
// The same seed gives the same history, byte for byte.
class Simulation {
 public:
  Simulation(std::uint64_t seed, std::uint64_t crashes);
  ~Simulation();

  // Tells what happens, a line each; before run().
  void trace(std::function<void(const std::string&)> line);

  Result run();

 private:
  void liveAndDie(std::uint64_t after_points);
  bool start();
  void step();
  void stepFor(std::uint64_t ms);
  void letItCrash();
  void stopInOrder();
  void downtime();
  void mistreatDisk();
  void damageAndExpectNotice();
  void settle();
  void expectNothingHangs(const std::map<core::SessionId, History::Session>& before) const;
  void expectAllEnded();
  void expectRebuildIsTheSame();
  void fault(const std::string& name);
  void tell(const std::string& what) const;

  std::function<void(const std::string&)> trace_;
  Random random_;
  std::uint64_t crashes_;
  core::Policy policy_;
  Timeline timeline_;
  CrashPlan crash_;
  SimulatedDisk disk_;
  ScriptedHost host_;
  History history_;
  SimulatedEntropy entropy_;
  Clients clients_;
  std::unique_ptr<DaemonLife> daemon_;
  Result result_;
};

}  // namespace glaux::simulation
