#pragma once

#include <kj/async.h>

#include <cstddef>
#include <string>
#include <vector>

#include "plugins/mock/script.h"
#include "plugins/sdk/executor.h"

namespace glaux::plugins {

// Does what the code says, see README.md.
class MockExecutor final : public Executor {
 public:
  explicit MockExecutor(const Tools& tools);

  kj::Promise<SessionReady> start() override;
  kj::Promise<RunResult> run(Calculation& calculation) override;
  void interrupt() override;
  void stop() override;
  void kill() override;
  kj::Promise<std::string> whenGone() override;
  bool canRestart() const override { return true; }

 private:
  kj::Promise<RunResult> runFrom(Calculation& calculation, std::size_t next);
  kj::Promise<void> sleep(kj::Duration duration);
  std::string setting(const char* name) const;

  const Tools tools_;
  int starts_ = 0;
  std::vector<Instruction> script_;
  bool ignores_interrupts_ = false;
  kj::Own<kj::PromiseFulfiller<void>> interrupted_;
  kj::Own<kj::PromiseFulfiller<std::string>> gone_;
  kj::Promise<std::string> when_gone_ = nullptr;
};

}  // namespace glaux::plugins
