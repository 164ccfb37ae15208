#pragma once

#include <kj/async-unix.h>
#include <kj/async.h>
#include <kj/io.h>
#include <kj/timer.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "plugins/container/control_group.h"
#include "plugins/container/engine.h"
#include "plugins/sdk/reach.h"

namespace glaux::plugins {

// One container from its creation, or from its adoption, to its removal.
class Container {
 public:
  // All outlive it.
  Container(Engine& engine, kj::UnixEventPort& event_port, kj::Timer& timer, Reach& reach,
            std::string name);
  ~Container() noexcept(false);

  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  // Creates and starts it.
  kj::Promise<void> launch(std::string specification);

  // Takes over a running one. Rejected if it does not run, or is not there; waits for an engine
  // that does not answer.
  kj::Promise<void> adopt();

  struct Exit {
    int code = 0;
    bool ran_out_of_memory = false;
    bool was_removed = false;  // by somebody else
  };
  // Done when it has stopped, which is told by the engine: as long as that does not answer, it is
  // out of reach. Once, after `launch` or `adopt`.
  kj::Promise<Exit> whenStopped();

  // Sends a signal to its first process, now.
  void interrupt();

  // Ends it, also if the engine has to come back for that. Before it is launched: as soon as it is.
  void kill();

  // Null before it runs.
  ControlGroup* controlGroup() const { return group_.get(); }

 private:
  kj::Promise<void> observe();
  void observeProcess(int pid);
  kj::Promise<Exit> stopped(const std::optional<Engine::State>& state);
  kj::Promise<std::optional<Engine::State>> inspectPatiently();
  kj::Promise<void> whenProcessEnds();
  kj::Promise<void> watchHealth();
  kj::Promise<void> killUntilItStops();

  Engine& engine_;
  kj::UnixEventPort& event_port_;
  kj::Timer& timer_;
  Reach& reach_;
  const std::string name_;
  bool is_launched_ = false;
  bool has_stopped_ = false;
  bool is_to_be_killed_ = false;
  std::unique_ptr<ControlGroup> group_;
  kj::AutoCloseFd process_fd_;  // as long as it is observed
  std::unique_ptr<kj::UnixEventPort::FdObserver> process_;
  bool has_process_ended_ = true;  // or cannot be observed
  kj::ForkedPromise<void> process_ended_ = nullptr;
  kj::Promise<void> interrupting_ = nullptr;
  kj::Promise<void> killing_ = nullptr;
};

}  // namespace glaux::plugins
