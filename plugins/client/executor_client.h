#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "plugins/protocol/reports.h"

namespace kj {
class LowLevelAsyncIoProvider;
class Timer;
}  // namespace kj

namespace glaux::plugins {

// The daemon's side of one connection to one executor: greeting, handshake, verbs, reports. It
// starts no process and takes none down.
//
// A client is one attempt. It begins to connect when constructed; when the connection fails or
// ends, `Listener::onDisconnected` is called once and the object does nothing more. To reattach,
// make another one. Verbs are safe to repeat (executor.capnp says how), so after a reconnect repeat
// whatever may not have arrived.
//
// Used from the thread that runs the KJ loop behind `io`. Listener calls come from that loop, never
// from within the constructor or a verb. A listener may destroy the client during a call.
class ExecutorClient {
 public:
  struct Target {
    std::filesystem::path session_directory;
    std::string session_id;
    std::string key;  // 32 bytes, as given to the executor in its bootstrap message

    // The daemon's end of the executor's descriptor 3, for an executor that was just started: the
    // client waits for its greeting before it connects. Owned by the client from here on and closed
    // with it; before the first connection that starts the executor's lease. -1 for one that was
    // started before: it is tried until it listens.
    int lifeline_fd = -1;

    // First report not journaled yet.
    std::uint64_t next_report = 1;
  };

  // What the executor says of itself when the connection is made.
  struct Connected {
    std::uint32_t pid = 0;
    std::uint32_t protocol_version = 0;
    std::string name;
    std::string version;
    bool can_interrupt = false;
    std::string calculation_id;  // running or waiting at the moment; empty if none
  };

  class Listener {
   public:
    virtual ~Listener() = default;

    virtual void onConnected(const Connected& connected) = 0;

    // At least one report, consecutive, continuing where the last batch ended; the first has the
    // number `next_report` or, if the executor's spool begins later, a higher one. Call
    // `acknowledge` when they are journaled.
    virtual void onReports(std::vector<Report> reports) = 0;

    // The end. Also when the executor refused the session or could not be reached within ten
    // seconds. `reason` is for the log.
    virtual void onDisconnected(const std::string& reason) = 0;
  };

  // `io`, `timer` and `listener` outlive the client.
  ExecutorClient(kj::LowLevelAsyncIoProvider& io, kj::Timer& timer, Target target,
                 Listener& listener);

  // Ends the connection without a word; no listener call follows. The executor goes on for its
  // lease.
  ~ExecutorClient();

  ExecutorClient(const ExecutorClient&) = delete;
  ExecutorClient& operator=(const ExecutorClient&) = delete;

  struct RunRequest {
    std::string calculation_id;
    std::string code;
    // Absolute; directories and files are made as needed.
    std::filesystem::path stdout_path;
    std::filesystem::path stderr_path;
    std::filesystem::path result_path;
  };

  // The verbs. Each is queued until the connection is made and then sent in order. A verb that
  // fails ends the connection; after the end they do nothing.
  void run(const RunRequest& request);
  void interrupt(const std::string& calculation_id);
  void kill(const std::string& calculation_id);
  void terminate(std::uint32_t grace_ms);
  void acknowledge(std::uint64_t through);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace glaux::plugins
