#include "daemon/projections/executors_view.h"

#include <algorithm>

namespace glaux::daemon {
namespace {

std::string keyOfExecutor(const core::SessionId& session, const core::ExecutorId& executor) {
  return keyOf(session.bytes) + keyOf(executor.bytes);
}

}  // namespace

void ExecutorsView::project(const core::RecordPosition& at, const core::Event& event) {
  if (const auto* e = std::get_if<core::SessionStarted>(&event)) started(at, *e);
  if (const auto* e = std::get_if<core::ExecutorChanged>(&event)) changed(at, *e);
}

// The coordinator is known from the session's first moment, before it says anything of itself.
void ExecutorsView::started(const core::RecordPosition& at, const core::SessionStarted& e) {
  auto& row = rows_.create(keyOfExecutor(e.session, e.coordinator), at.sequence);
  row.answer.executor_id = toText(e.coordinator);
  row.answer.executor_type = api::ExecutorType::kCoordinator;
  row.answer.executor_state = api::ExecutorState::kCreating;
  row.answer.start_date_time = at.time.ms;
  row.answer.executor_size = 1;
}

void ExecutorsView::changed(const core::RecordPosition& at, const core::ExecutorChanged& e) {
  std::string key = keyOfExecutor(e.session, e.executor);
  auto& row = rows_.editOrCreate(key, at.sequence);
  api::ExecutorsSummary& executor = row.answer;
  if (executor.executor_id.empty()) {
    executor.executor_id = toText(e.executor);
    executor.start_date_time = e.at.ms;
  }
  executor.executor_type = e.type;
  executor.executor_state = e.state;
  if (e.dpus > 0) executor.executor_size = e.dpus;
  if (e.state == api::ExecutorState::kTerminated || e.state == api::ExecutorState::kFailed) {
    executor.termination_date_time = e.at.ms;
    rows_.drop(key);
  }
}

tl::expected<std::vector<ExecutorsView::Rows::Row>, journal::Error> ExecutorsView::ofSession(
    const core::SessionId& session) const {
  std::vector<Rows::Row> rows;
  auto scanned = tables_.scan(kRows, keyOf(session.bytes), {},
                              [&rows](std::string_view, std::string_view value) {
                                rows.push_back(Rows::decodeRow(value));
                                return journal::Scan::kContinue;
                              });
  if (!scanned) return tl::unexpected(std::move(scanned.error()));
  std::ranges::sort(rows, std::ranges::greater{}, &Rows::Row::created);
  return rows;
}

}  // namespace glaux::daemon
