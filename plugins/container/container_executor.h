#pragma once

#include <kj/async.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/container/container.h"
#include "plugins/container/container_settings.h"
#include "plugins/container/engine.h"
#include "plugins/kernel/adaptation.h"
#include "plugins/kernel/kernel_session.h"
#include "plugins/kernel/output_log.h"
#include "plugins/sdk/executor.h"

namespace glaux::plugins {

// Runs a Jupyter kernel in a container. In the session directory:
//
//     container.json    which container that is, and how to reach its engine
//     checkpoint.json   up to where the kernel's output has been written to the calculation's files
//     shared/           what the kernel sees as /session; belongs to the kernel's user
//         kernel.json       connection file
//         kernel-1 … -5     the kernel's sockets
//         output            what it publishes, see output_log.h
//         work/             its working directory and home
//
// The container outlives this process; another one that takes its place finds it by name.
class ContainerExecutor final : public Executor {
 public:
  explicit ContainerExecutor(const Tools& tools);
  ~ContainerExecutor() noexcept(false) override;

  kj::Promise<SessionReady> start() override;
  kj::Promise<RunResult> run(Calculation& calculation) override;
  void interrupt() override;
  void stop() override;
  void kill() override;
  kj::Promise<std::string> whenGone() override;
  bool canRestart() const override { return true; }
  kj::Promise<void> clear() override;
  std::optional<Measurement> measure() override;
  kj::Promise<void> resume() override;
  kj::Promise<RunResult> resumeRun(Calculation& calculation) override;

 private:
  // Up to where a calculation's output is in its files.
  struct Checkpoint {
    std::string calculation_id;
    bool has_begun = false;
    std::uint64_t log_offset = 0;
    OutputFiles::Sizes sizes;
  };
  // What another process has to know.
  struct Record {
    std::string socket;
    int starts = 0;  // of kernels; each has a container of its own
    std::string kernel_key;
    std::uint64_t memory_mib = 0;
  };

  void readSettings();
  void nameContainer();  // of the record
  void forgetLastKernel();
  std::string containerName() const;
  KernelConnection connection() const;
  kj::Promise<void> provideImage();
  void makeShared();
  kj::Promise<void> launch();
  kj::Promise<SessionReady> connect();
  std::string specification(const Limits& limits) const;
  std::string reasonOf(const Container::Exit& exit, const std::string& log) const;
  void observe();
  kj::Promise<std::string> remove(Container::Exit exit);
  void readOutputFrom(std::uint64_t offset);
  void received(const Frames& frames);
  void setCheckpoint(bool has_begun);
  static Checkpoint loadCheckpoint();
  void save() const;
  bool load();
  void deliverInterrupt();

  const Tools tools_;
  ContainerSettings settings_;
  Adaptation adaptation_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Container> container_;
  std::unique_ptr<KernelSession> kernel_;
  std::unique_ptr<OutputLog> output_log_;
  Record record_;
  Checkpoint checkpoint_;
  Calculation* running_ = nullptr;
  std::uint64_t replayed_through_ = 0;  // of the log; the files may hold the output up to here
  bool is_killed_ = false;
  bool is_clear_;  // nothing of this session is at the engine
  kj::Own<kj::PromiseFulfiller<std::string>> gone_;
  kj::Promise<std::string> when_gone_ = nullptr;
  kj::Promise<void> observing_ = nullptr;
};

// `Plugin::clean_up`: removes every container of the session, wherever its executor died.
tl::expected<std::vector<std::string>, Error> removeContainers();

}  // namespace glaux::plugins
