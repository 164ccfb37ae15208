#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <tl/expected.hpp>

#include "config/options.h"
#include "daemon/error.h"

namespace glaux::daemon {

class Loop;

// Reads the settings again, from where they came; an error says what is wrong with them.
using RereadSettings = std::function<tl::expected<config::Options, Error>()>;

// glauxd, put together: every component constructed in the order of its dependencies and handed
// what it needs. No logic of its own beyond starting and stopping.
class Daemon {
 public:
  // Opens the journal, restores state and views, finds the executors, listens. Fails with a message
  // for the operator.
  static tl::expected<std::unique_ptr<Daemon>, Error> start(const config::Options& options,
                                                            RereadSettings reread_settings);

  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  std::uint16_t port() const;

  // Serves until SIGTERM or SIGINT: requests that are in are answered, everything is closed, and
  // the journal is left clean. SIGHUP takes over what changed in the
  // live settings and loads the executors again. Fails if the journal did.
  tl::expected<void, Error> run();

 private:
  class Parts;
  Daemon();
  tl::expected<void, Error> close();

  // Outlives everything that belongs to it, and is closed last.
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace glaux::daemon
