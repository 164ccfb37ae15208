#pragma once

#include <string>
#include <string_view>

#include "api/calculations.h"
#include "daemon/core/events.h"
#include "daemon/core/state.h"
#include "daemon/projections/row_table.h"
#include "daemon/projections/sessions_view.h"
#include "daemon/projections/state_index.h"

namespace glaux::daemon {

// GetCalculationExecution, and the lists of a session's calculations. A row's `created` is the
// record whose request holds the code.
class CalculationsView {
 public:
  static constexpr const char* kRows = "calculations";
  static constexpr const char* kIndex = "calculations_by_session";
  using Rows = RowTable<api::GetCalculationExecutionResponse>;

  // `sessions` is projected before this view and outlives it.
  CalculationsView(journal::Tables& tables, SessionsView& sessions)
      : rows_(tables, kRows), index_(tables, kIndex), sessions_(sessions) {}

  const Rows& rows() const { return rows_; }
  const StateIndex& index() const { return index_; }

  void project(const core::RecordPosition& at, const core::Event& event);
  void write(journal::TableBatch& batch) {
    rows_.write(batch);
    index_.write(batch);
  }
  std::optional<journal::Error> takeFailure() { return rows_.takeFailure(); }

 private:
  struct Projector;
  Rows rows_;
  StateIndex index_;
  SessionsView& sessions_;
};

// Where a calculation's outputs lie: <working directory>/calculation/<id>/stdout and so on.
struct OutputUris {
  std::string std_out;
  std::string std_error;
  std::string result;
};
OutputUris outputUris(std::string_view working_directory, const core::CalculationId& calculation);

// The calculation whose output the URI would name, going by its form alone.
std::optional<core::CalculationId> calculationOfOutput(std::string_view uri);

}  // namespace glaux::daemon
