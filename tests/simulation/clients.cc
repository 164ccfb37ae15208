#include "tests/simulation/clients.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "api/aws_json.h"
#include "api/digest.h"
#include "daemon/projections/bytes.h"
#include "tests/simulation/crash.h"

namespace glaux::simulation {
namespace {

core::SessionId sessionIdOf(const api::StartSessionResponse& response) {
  return core::parseId<core::SessionId>(response.session_id).value();
}

}  // namespace

Clients::Clients(Timeline& timeline, Random random, const History& history, std::size_t count)
    : timeline_(timeline), random_(random), history_(history), clients_(count) {
  for (std::size_t client = 0; client < count; ++client) schedule(client);
}

void Clients::reach(DaemonLife* daemon) { daemon_ = daemon; }

void Clients::schedule(std::size_t client) {
  // Now and then at once, so that requests meet; now and then after a while, so that sessions idle.
  std::uint64_t at_most_ms = random_.chance(25) ? 3 : random_.chance(7) ? 3'000 : 150;
  timeline_.after(random_.below(at_most_ms), [this, client] {
    if (daemon_ == nullptr || daemon_->isEnding()) return schedule(client);
    if (!is_stopped_) send(client);
  });
}

void Clients::send(std::size_t client) {
  Client& sender = clients_[client];
  // What got no answer because the daemon died is sent again, mostly.
  bool again = sender.open && (!sender.open->token.empty() || random_.chance(50));
  if (!again) sender.open = some();
  std::uint64_t number = ++sender.number;
  const Request& request = *sender.open;
  daemon_->submit(
      request.command, request.operation, request.json,
      [this, client, number](const core::Verdict& verdict) { answered(client, number, verdict); });
  // Nobody waits for ever.
  timeline_.after(10'000, [this, client, number] {
    if (clients_[client].number == number && !is_stopped_ && clients_[client].open)
      schedule(client);
  });
}

void Clients::answered(std::size_t client, std::uint64_t number, const core::Verdict& verdict) {
  if (clients_[client].number != number) return;
  ++answers_;
  Request request = std::move(*std::exchange(clients_[client].open, std::nullopt));
  ++clients_[client].number;
  schedule(client);
  keep(request, verdict);
}

void Clients::keep(const Request& request, const core::Verdict& verdict) {
  if (!verdict) return;
  Kept kept{request, {}, false, {}};
  if (auto* session = std::get_if<api::StartSessionResponse>(&verdict->answer)) {
    core::SessionId id = sessionIdOf(*session);
    promise(history_.knows(id), "a session is acknowledged before it is on disk: " + toText(id));
    auto row = daemon_->views().sessions().rows().get(daemon::keyOf(id.bytes));
    promise(row && *row, "a client cannot read the session that it has started: " + toText(id));
    kept.id = id.bytes;
    kept.is_session = true;
    sessions_.push_back(id);
  } else if (auto* calculation =
                 std::get_if<api::StartCalculationExecutionResponse>(&verdict->answer)) {
    auto id = core::parseId<core::CalculationId>(calculation->calculation_execution_id).value();
    promise(history_.knows(id),
            "a calculation is acknowledged before it is on disk: " + toText(id));
    kept.id = id.bytes;
    kept.code = *std::get<core::StartCalculation>(request.command).request.code_block;
    calculations_.push_back(id);
  } else if (auto* notebook = std::get_if<api::CreateNotebookResponse>(&verdict->answer)) {
    notebooks_.push_back(core::parseId<core::NotebookId>(notebook->notebook_id).value());
    return;
  } else {
    return;
  }
  if (!request.token.empty()) {
    auto [known, is_new] = kept_by_token_.emplace(request.token, kept_.size());
    promise(is_new || kept_[known->second].id == kept.id,
            "a token is answered with another id than before");
  }
  kept_.push_back(std::move(kept));
}

void Clients::expectAllKept(const ScriptedHost& host) const {
  for (const Kept& kept : kept_) {
    if (kept.is_session) {
      promise(history_.knows(core::SessionId{kept.id}), "an acknowledged session is not there");
      continue;
    }
    core::CalculationId id{kept.id};
    promise(history_.knows(id), "an acknowledged calculation is not there");
    auto ran = host.code().find(id);
    promise(ran == host.code().end() || ran->second.runs == 0 || ran->second.code == kept.code,
            "other code ran than was sent");
  }
}

// ---- requests

template <class CommandType>
Clients::Request Clients::of(CommandType command, const char* operation) {
  Request request{command, operation, api::encode(command.request), {}};
  return request;
}

// A token of its own, or sometimes an earlier one: with the same request, or with another.
template <class CommandType>
void Clients::addToken(Request& request) {
  if (!random_.chance(60)) return;
  if (!kept_.empty() && random_.chance(15)) {
    const Kept& earlier = kept_[random_.below(kept_.size())];
    if (!earlier.request.token.empty() && earlier.request.operation == request.operation) {
      if (random_.chance(70)) {
        request = earlier.request;
        return;
      }
      request.token = earlier.request.token;
    }
  }
  if (request.token.empty()) request.token = "token-" + std::to_string(++tokens_);
  std::get<CommandType>(request.command).token = core::IdempotencyToken{
      api::sha256(request.token + request.operation), api::sha256(request.json)};
}

Clients::Request Clients::some() {
  switch (random_.below(20)) {
    case 0:
    case 1:
    case 2:
      return startSession();
    case 3:
    case 4:
      return stopCalculation();
    case 5:
      return terminateSession();
    case 6:
      return changeWorkGroup();
    case 7:
      return notebook();
    default:
      return startCalculation();
  }
}

Clients::Request Clients::startSession() {
  core::StartSession command;
  command.request.work_group = someWorkGroup();
  command.request.engine_configuration.max_concurrent_dpus =
      static_cast<std::int32_t>(2 + random_.below(5));
  if (random_.chance(30)) command.request.session_idle_timeout_in_minutes = 1;
  command.placement =
      core::Placement{random_.chance(50) ? ScriptedHost::kResumable : "scripted", "python3"};
  if (random_.chance(2)) command.placement = tl::unexpected(api::errors::validation("no kernel"));
  Request request = of(std::move(command), "StartSession");
  addToken<core::StartSession>(request);
  return request;
}

Clients::Request Clients::startCalculation() {
  core::StartCalculation command;
  command.request.session_id = lately(sessions_);
  command.request.code_block = "block " + std::to_string(++codes_);
  Request request = of(std::move(command), "StartCalculationExecution");
  addToken<core::StartCalculation>(request);
  return request;
}

Clients::Request Clients::stopCalculation() {
  return of(core::StopCalculation{{lately(calculations_)}}, "StopCalculationExecution");
}

Clients::Request Clients::terminateSession() {
  return of(core::TerminateSession{{lately(sessions_)}}, "TerminateSession");
}

Clients::Request Clients::changeWorkGroup() {
  if (random_.chance(60)) {
    core::CreateWorkGroup command;
    command.request.name = someWorkGroup();
    auto& configuration = command.request.configuration.emplace();
    configuration.execution_role = "role";
    configuration.engine_version.emplace().selected_engine_version = "PySpark engine version 3";
    if (random_.chance(70))
      configuration.additional_configuration = R"({"CalculationMode":"queue"})";
    return of(std::move(command), "CreateWorkGroup");
  }
  if (random_.chance(70)) {
    core::UpdateWorkGroup command;
    command.request.work_group = someWorkGroup();
    command.request.state =
        random_.chance(20) ? api::WorkGroupState::kDisabled : api::WorkGroupState::kEnabled;
    return of(std::move(command), "UpdateWorkGroup");
  }
  return of(core::DeleteWorkGroup{{someWorkGroup(), random_.chance(50)}}, "DeleteWorkGroup");
}

Clients::Request Clients::notebook() {
  if (random_.chance(70)) {
    core::CreateNotebook command{{}, api::sha256("content"), std::nullopt};
    command.request.work_group = "primary";
    command.request.name = std::to_string(random_.below(12));
    Request request = of(std::move(command), "CreateNotebook");
    return request;
  }
  return of(core::DeleteNotebook{{lately(notebooks_)}}, "DeleteNotebook");
}

std::string Clients::someWorkGroup() {
  return random_.chance(50) ? "primary" : "w" + std::to_string(random_.below(2));
}

// Mostly one of the latest, so mostly a live one; sometimes one that never was.
template <class IdType>
std::string Clients::lately(const std::vector<IdType>& all) {
  if (all.empty() || random_.chance(1)) return toText(IdType{});
  std::uint64_t back =
      random_.below(random_.chance(95) ? std::min<std::size_t>(all.size(), 6) : all.size());
  return toText(all[all.size() - 1 - back]);
}

}  // namespace glaux::simulation
