#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/check/loop.h"
#include "plugins/client/manifest.h"
#include "plugins/protocol/error.h"
#include "plugins/protocol/reports.h"

namespace glaux::plugins::check {

// What `Executor.probe` answers.
struct Status {
  enum class Phase { kStarting, kReady, kEnding, kEnded, kUnknown };

  Phase phase = Phase::kUnknown;
  std::string calculation_id;
  std::uint64_t last_report = 0;
  std::uint64_t acknowledged_through = 0;
  std::uint32_t pid = 0;

  bool operator==(const Status&) const = default;
};

struct RunRequest {
  std::string calculation_id;
  std::string code;
  std::filesystem::path stdout_path, stderr_path, result_path;
};

// What one `watch` has brought.
struct Delivery {
  std::vector<Report> reports;
  std::vector<std::size_t> batch_sizes;
};

// One connection to an executor's socket, by the schema and call by call: unlike a daemon, it can
// do everything in the wrong order. A call waits for its answer; one that is answered by an
// exception, or not at all within ten seconds, throws `Failed`, unless an exception is what it may
// return.
class Connection {
 public:
  // Connects, trying for ten seconds until somebody listens; or throws `Failed`.
  Connection(Loop& loop, const std::filesystem::path& session_directory);

  // Ends the connection without a word.
  ~Connection();

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Whether the executor has not closed it. Known after the loop has turned.
  bool isOpen() const;

  struct Challenge {
    std::string executor_nonce;
    std::string proof;
  };
  tl::expected<Challenge, Error> challenge(const std::string& caller_nonce);
  tl::expected<void, Error> authenticate(const std::string& proof);

  // Both, as a daemon does it, with a look at the executor's proof.
  tl::expected<void, Error> prove(const std::string& key, const std::string& session_id);

  // From here on authenticated.
  PluginDescription describe();
  Status probe();
  void run(const RunRequest& request);
  void interrupt(const std::string& calculation_id);
  void kill(const std::string& calculation_id);
  void terminate(std::uint32_t grace_ms);
  void acknowledge(std::uint64_t through);

  // Does not wait for the answer.
  void acknowledgeLater(std::uint64_t through);

  // Each `deliver` returns after `pause`. `on_reports` is called before that.
  std::shared_ptr<const Delivery> watch(
      std::uint64_t from, std::chrono::milliseconds pause = {},
      std::function<void(const std::vector<Report>&)> on_reports = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace glaux::plugins::check
