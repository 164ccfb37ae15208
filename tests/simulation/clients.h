#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/commands.h"
#include "daemon/core/decide.h"
#include "tests/simulation/daemon_life.h"
#include "tests/simulation/random.h"
#include "tests/simulation/timeline.h"

namespace glaux::simulation {

// Clients of the API: each has at most one request open, tries again what it got no answer to, with
// the same token if it had one, and remembers what it was told.
class Clients {
 public:
  Clients(Timeline& timeline, Random random, const History& history, std::size_t count);

  // The daemon answers from now on, or does not.
  void reach(DaemonLife* daemon);
  // They ask for nothing more.
  void stop() { is_stopped_ = true; }

  std::uint64_t answers() const { return answers_; }

  // What was acknowledged is there: its session or calculation is one the journal knows, and its
  // code is what was sent.
  void expectAllKept(const ScriptedHost& host) const;

 private:
  struct Request {
    core::Command command;
    std::string operation;
    std::string json;
    std::string token;  // empty: none
  };
  struct Client {
    std::optional<Request> open;
    std::uint64_t number = 0;  // of the request, so that an answer to an earlier one is not its
  };
  // A token that was answered with an id, and with what it was sent.
  struct Kept {
    Request request;
    core::IdBytes id;
    bool is_session = false;
    std::string code;
  };

  void schedule(std::size_t client);
  void send(std::size_t client);
  void answered(std::size_t client, std::uint64_t number, const core::Verdict& verdict);
  void keep(const Request& request, const core::Verdict& verdict);

  Request some();
  Request startSession();
  Request startCalculation();
  Request stopCalculation();
  Request terminateSession();
  Request changeWorkGroup();
  Request notebook();
  template <class CommandType>
  Request of(CommandType command, const char* operation);
  template <class CommandType>
  void addToken(Request& request);
  std::string someWorkGroup();
  template <class IdType>
  std::string lately(const std::vector<IdType>& all);

  Timeline& timeline_;
  Random random_;
  const History& history_;
  DaemonLife* daemon_ = nullptr;
  bool is_stopped_ = false;
  std::vector<Client> clients_;
  std::vector<core::SessionId> sessions_;
  std::vector<core::CalculationId> calculations_;
  std::vector<core::NotebookId> notebooks_;
  std::vector<Kept> kept_;
  std::map<std::string, std::size_t> kept_by_token_;
  std::uint64_t tokens_ = 0;
  std::uint64_t codes_ = 0;
  std::uint64_t answers_ = 0;
};

}  // namespace glaux::simulation
