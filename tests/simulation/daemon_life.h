#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "daemon/deadlines.h"
#include "daemon/effect_runner.h"
#include "daemon/engine.h"
#include "daemon/entropy.h"
#include "daemon/executors/executors.h"
#include "daemon/projections/views.h"
#include "journal/journal.h"
#include "tests/simulation/crash.h"
#include "tests/simulation/history.h"
#include "tests/simulation/random.h"
#include "tests/simulation/scripted_host.h"
#include "tests/simulation/simulated_storage.h"
#include "tests/simulation/timeline.h"

namespace glaux::simulation {

class SimulatedEntropy final : public daemon::Entropy {
 public:
  explicit SimulatedEntropy(Random random) : random_(random) {}
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
  }

 private:
  Random random_;
};

// What a daemon lives in. Outlives all daemons.
struct World {
  Timeline& timeline;
  CrashPlan& crash;
  SimulatedDisk& disk;
  ScriptedHost& host;
  History& history;
  daemon::Entropy& entropy;
  core::Policy policy;
};

// glauxd from its start to its end, without what only carries bytes (HTTP, JSON, sockets): the real
// journal, recovery, engine, views, deadlines, effects and supervisor, on one thread. The journal's
// writer thread and the wake-up of the loop are events in time.
class DaemonLife {
 public:
  DaemonLife(World world, Random random);
  // Lets go of everything, as a process does that ends; what is not on disk is gone.
  ~DaemonLife();

  // As main() does it. An Error is one with which the daemon refuses to start.
  [[nodiscard]] tl::expected<void, std::string> start();
  // Of a start that was refused because of the journal.
  std::optional<journal::Error::Kind> refusal() const { return refusal_; }

  // To be called after every event: what was appended is on its way to the disk.
  void attend();

  // A client's command.
  void submit(core::Command command, std::string operation, std::string request,
              daemon::Engine::Reply reply);

  // SIGTERM.
  void stop();

  // The journal has failed; the process is about to end.
  bool isEnding() const { return is_ending_; }
  const core::State& state() const { return engine_->state(); }
  const journal::Journal& journal() const { return *journal_; }
  const daemon::Views& views() const { return *views_; }
  const journal::Tables& tables() const { return journal_->tables(); }

 private:
  void openedBy(const journal::Durable& news);
  void readNews();
  void commit();

  World world_;
  Random random_;
  std::unique_ptr<journal::Storage> storage_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<daemon::Views> views_;
  std::unique_ptr<daemon::Engine> engine_;
  std::unique_ptr<daemon::Deadlines> deadlines_;
  std::unique_ptr<daemon::Executors> executors_;
  std::unique_ptr<daemon::EffectRunner> effects_;
  std::optional<journal::Durable> news_;
  std::optional<journal::Error::Kind> refusal_;
  bool is_committing_ = false;
  bool is_ending_ = false;
  std::uint64_t request_ = 0;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace glaux::simulation
