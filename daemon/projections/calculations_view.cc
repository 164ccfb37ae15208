#include "daemon/projections/calculations_view.h"

namespace glaux::daemon {
namespace {

constexpr std::string_view kResultType = "application/vnd.aws.athena.v1+json";
constexpr std::string_view kCalculationPart = "/calculation/";
constexpr std::size_t kIdLength = 36;

}  // namespace

using api::CalculationState;
using core::Timestamp;

struct CalculationsView::Projector {
  CalculationsView& view;
  const core::RecordPosition& at;

  void operator()(const core::CalculationSubmitted& e) { add(e, CalculationState::kCreating); }
  void operator()(const core::CalculationQueued& e) { add(e, CalculationState::kQueued); }
  void operator()(const core::CalculationDequeued& e) { change(e, CalculationState::kCreating); }

  template <class CalculationEvent>
  void add(const CalculationEvent& e, CalculationState state) {
    std::string key = keyOf(e.calculation.bytes);
    auto& calculation = view.rows_.create(key, at.sequence).answer;
    calculation.calculation_execution_id = toText(e.calculation);
    calculation.session_id = toText(e.session);
    calculation.description = e.description;
    calculation.working_directory = view.sessions_.workingDirectory(e.session);
    calculation.status.submission_date_time = at.time;
    OutputUris uris = outputUris(*calculation.working_directory, e.calculation);
    calculation.result = api::CalculationResult{std::move(uris.std_out), std::move(uris.std_error),
                                                std::move(uris.result), std::string(kResultType)};
    calculation.statistics.progress = "0%";
    calculation.status.state = state;
    view.index_.put({keyOf(e.session.bytes), at.sequence}, byteOf(state), key);
  }

  void operator()(const core::CalculationBegan& e) { change(e, CalculationState::kRunning); }
  void operator()(const core::CalculationProgressed& e) {
    view.rows_.edit(keyOf(e.calculation.bytes)).answer.statistics.progress = e.progress;
  }
  void operator()(const core::CalculationCancelRequested& e) {
    change(e, CalculationState::kCanceling);
  }
  void operator()(const core::UsageRecorded& e) {
    auto& statistics = view.rows_.edit(keyOf(e.calculation.bytes)).answer.statistics;
    view.sessions_.addUsage(e.session,
                            e.calculation_dpu_millis - statistics.dpu_execution_in_millis);
    statistics.dpu_execution_in_millis = e.calculation_dpu_millis;
  }

  void operator()(const core::CalculationCompleted& e) {
    end(e, CalculationState::kCompleted).answer.statistics.progress = "100%";
  }
  void operator()(const core::CalculationFailed& e) {
    end(e, CalculationState::kFailed).answer.status.state_change_reason = e.reason;
  }
  void operator()(const core::CalculationCanceled& e) {
    end(e, CalculationState::kCanceled).answer.status.state_change_reason = e.reason;
  }

  // Other events do not show in a calculation's row.
  template <class Other>
  void operator()(const Other&) {}

  template <class CalculationEvent>
  Rows::Row& change(const CalculationEvent& e, CalculationState state) {
    std::string key = keyOf(e.calculation.bytes);
    Rows::Row& row = view.rows_.edit(key);
    view.index_.move({keyOf(e.session.bytes), row.created}, byteOf(row.answer.status.state),
                     byteOf(state), key);
    row.answer.status.state = state;
    return row;
  }

  template <class CalculationEvent>
  Rows::Row& end(const CalculationEvent& e, CalculationState state) {
    Rows::Row& row = change(e, state);
    row.answer.status.completion_date_time = e.at;
    view.rows_.drop(keyOf(e.calculation.bytes));
    return row;
  }

  static std::uint8_t byteOf(CalculationState state) { return static_cast<std::uint8_t>(state); }
};

void CalculationsView::project(const core::RecordPosition& at, const core::Event& event) {
  std::visit(Projector{*this, at}, event);
}

OutputUris outputUris(std::string_view working_directory, const core::CalculationId& calculation) {
  std::string base(working_directory);
  base.append(kCalculationPart).append(toText(calculation)).append("/");
  return {base + "stdout", base + "stderr", base + "result"};
}

std::optional<core::CalculationId> calculationOfOutput(std::string_view uri) {
  auto part = uri.rfind(kCalculationPart);
  if (part == std::string_view::npos) return std::nullopt;
  return core::parseId<core::CalculationId>(
      uri.substr(part + kCalculationPart.size()).substr(0, kIdLength));
}

}  // namespace glaux::daemon
