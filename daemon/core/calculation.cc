#include "daemon/core/planted_bug.h"
#include "daemon/core/rules.h"

// [QUEUED ->] CREATING -> RUNNING -> COMPLETED | FAILED
//     live --StopCalculationExecution--> CANCELING -> CANCELED; QUEUED -> CANCELED at once
// A calculation that ends although it was being canceled has the end its code came to.
namespace glaux::core {
namespace {

using api::CalculationState;
using api::SessionState;

api::StartCalculationExecutionResponse accepted(const IdBytes& id, CalculationState state) {
  api::StartCalculationExecutionResponse response;
  response.calculation_execution_id = idText(id);
  response.state = state;
  return response;
}

// A token's earlier request, answered again: as then, unless the calculation still waits.
api::StartCalculationExecutionResponse acceptedBefore(const State& state, const IdBytes& id) {
  bool is_queued = state.calculationState(CalculationId{id}) == CalculationState::kQueued;
  return accepted(id, is_queued ? CalculationState::kQueued : CalculationState::kCreating);
}

// A session that has no time now but will have.
bool willBeIdle(SessionState state) {
  return state == SessionState::kCreating || state == SessionState::kCreated ||
         state == SessionState::kBusy;
}

bool mayQueue(const Situation& at, const Session& session) {
  auto work_group = at.state.work_groups.find(session.work_group);
  if (work_group == at.state.work_groups.end()) return false;
  auto additional =
      api::readAdditionalConfiguration(work_group->second.configuration.additional_configuration);
  return additional && additional->calculation_mode == api::CalculationMode::kQueue;
}

// What becomes of a calculation that is asked for in this state of its session.
tl::expected<CalculationState, api::Error> placeOf(const Situation& at, const SessionId& id,
                                                   SessionState state) {
  if (state == SessionState::kIdle) return CalculationState::kCreating;
  if (!willBeIdle(state) || !mayQueue(at, *at.state.session(id)))
    return tl::unexpected(api::errors::sessionNotIdle(state));
  if (static_cast<std::int64_t>(at.state.session(id)->queue.size()) >=
      at.policy.max_queued_calculations)
    return tl::unexpected(api::errors::calculationQueueFull(at.policy.max_queued_calculations));
  return CalculationState::kQueued;
}

std::optional<api::Error> codeRefusal(const api::StartCalculationExecutionRequest& request) {
  bool direct = request.code_block.has_value();
  bool nested = request.calculation_configuration && request.calculation_configuration->code_block;
  if (direct && nested) return api::errors::codeBlockGivenTwice();
  if (!direct && !nested) return api::errors::codeBlockMissing();
  return std::nullopt;
}

std::string codeBlockOf(const api::StartCalculationExecutionRequest& request) {
  return request.code_block ? *request.code_block
                            : request.calculation_configuration->code_block.value();
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
  if (*known) return Decision{{}, acceptedBefore(at.state, **known)};

  auto place = placeOf(at, *id, *state);
  if (!place) return tl::unexpected(place.error());
  if (command.content && !*command.content) return tl::unexpected(command.content->error());

  CalculationId calculation{at.stamp.ids[0]};
  Decision decision{{}, accepted(calculation.bytes, *place)};
  if (*place == CalculationState::kQueued) {
    decision.events.push_back(CalculationQueued{calculation, *id, request.description});
  } else {
    decision.events.push_back(CalculationSubmitted{calculation, *id, request.description});
    decision.events.push_back(SessionBecameBusy{*id});
  }
  if (command.content)
    decision.events.push_back(
        CalculationCodeRead{calculation, *id, codeBlockOf(request), **command.content});
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
    case CalculationState::kRunning:
      decision.events.push_back(isPlanted(PlantedBug::kCancelingIsDoneAtOnce)
                                    ? CalculationCanceled{*id, at.state.calculations.at(*id),
                                                          kCanceledPerRequest, at.stamp.now}
                                    : cancelRequested(at, *id));
      response.state = CalculationState::kCanceling;
      break;
    case CalculationState::kQueued:
      decision.events.push_back(CalculationCanceled{*id, at.state.calculations.at(*id),
                                                    kCanceledPerRequest, at.stamp.now});
      response.state = CalculationState::kCanceled;
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
