#include "daemon/core/rules.h"

// CREATING -> RUNNING -> COMPLETED | FAILED
//     live --StopCalculationExecution--> CANCELING -> CANCELED
// A calculation that ends although it was being canceled has the end its code came to.
namespace glaux::core {
namespace {

using api::CalculationState;
using api::SessionState;

api::StartCalculationExecutionResponse submitted(const IdBytes& id) {
  api::StartCalculationExecutionResponse response;
  response.calculation_execution_id = idText(id);
  response.state = CalculationState::kCreating;
  return response;
}

std::optional<api::Error> codeRefusal(const api::StartCalculationExecutionRequest& request) {
  bool direct = request.code_block.has_value();
  bool nested = request.calculation_configuration && request.calculation_configuration->code_block;
  if (direct && nested) return api::errors::codeBlockGivenTwice();
  if (!direct && !nested) return api::errors::codeBlockMissing();
  return std::nullopt;
}

Event cancelRequested(const Situation& at, const CalculationId& id) {
  const Session& session = *at.state.session(at.state.calculations.at(id));
  CalculationCancelRequested event{id, session.id, std::nullopt};
  if (session.state == SessionState::kBusy)
    event.kill_deadline = at.in(at.policy.interrupt_grace_ms);
  return event;
}

}  // namespace

Verdict decideCommand(const Situation& at, const StartCalculation& command) {
  const api::StartCalculationExecutionRequest& request = command.request;
  auto id = parseId<SessionId>(request.session_id);
  auto state = id ? at.state.sessionState(*id) : std::nullopt;
  if (!state) return tl::unexpected(api::errors::sessionNotFound(request.session_id));
  if (auto error = codeRefusal(request)) return tl::unexpected(*error);

  auto known = findToken(at.state, command.token);
  if (!known) return tl::unexpected(known.error());
  if (*known) return Decision{{}, submitted(**known)};

  if (*state != SessionState::kIdle) return tl::unexpected(api::errors::sessionNotIdle(*state));

  CalculationId calculation{at.stamp.ids[0]};
  Decision decision{
      {CalculationSubmitted{calculation, *id, request.description}, SessionBecameBusy{*id}},
      submitted(calculation.bytes)};
  rememberToken(at, command.token, calculation.bytes, decision.events);
  return decision;
}

Verdict decideCommand(const Situation& at, const StopCalculation& command) {
  const std::string& text = command.request.calculation_execution_id;
  auto id = parseId<CalculationId>(text);
  auto state = id ? at.state.calculationState(*id) : std::nullopt;
  if (!state) return tl::unexpected(api::errors::calculationNotFound(text));

  Decision decision;
  api::StopCalculationExecutionResponse response;
  response.state = *state;
  switch (*state) {
    case CalculationState::kCreating:
    case CalculationState::kCreated:
    case CalculationState::kQueued:
    case CalculationState::kRunning:
      decision.events.push_back(cancelRequested(at, *id));
      response.state = CalculationState::kCanceling;
      break;
    case CalculationState::kCanceling:
    case CalculationState::kCanceled:
    case CalculationState::kCompleted:
    case CalculationState::kFailed:
      break;
  }
  decision.answer = response;
  return decision;
}

}  // namespace glaux::core
