#include "daemon/projections/sessions_view.h"

#include "daemon/core/planted_bug.h"

namespace glaux::daemon {

using api::SessionState;
using core::Timestamp;

struct SessionsView::Projector {
  SessionsView& view;
  const core::RecordPosition& at;

  void operator()(const core::SessionStarted& e) {
    std::string key = keyOf(e.session.bytes);
    api::GetSessionResponse& session = view.rows_.create(key, at.sequence).answer;
    session.session_id = toText(e.session);
    session.description = e.description;
    session.work_group = e.work_group;
    session.engine_version = e.engine_version;
    session.engine_configuration = e.engine_configuration;
    session.notebook_version = e.notebook_version;
    session.monitoring_configuration = e.monitoring_configuration;
    api::SessionConfiguration& configuration = session.session_configuration.emplace();
    configuration.execution_role = e.execution_role;
    configuration.working_directory = e.working_directory;
    configuration.idle_timeout_seconds = e.idle_timeout_minutes * 60;
    configuration.session_idle_timeout_in_minutes =
        static_cast<std::int32_t>(e.idle_timeout_minutes);
    configuration.encryption_configuration = e.encryption_configuration;
    session.status.start_date_time = at.time;
    session.status.last_modified_date_time = at.time;
    view.index_.put({e.work_group, at.sequence}, byteOf(SessionState::kCreating), key);
    if (auto notebook = core::notebookOf(e.engine_configuration))
      view.notebook_index_.put({keyOf(notebook->bytes), at.sequence},
                               byteOf(SessionState::kCreating), key);
  }

  void operator()(const core::SessionCreated& e) { change(e.session, SessionState::kCreated); }
  void operator()(const core::SessionBecameIdle& e) {
    bool has_worked =
        view.rows_.edit(keyOf(e.session.bytes)).answer.status.state == SessionState::kBusy;
    api::SessionStatus& status = change(e.session, SessionState::kIdle);
    status.idle_since_date_time = at.time;
    if (has_worked) status.state_change_reason.reset();
  }
  void operator()(const core::SessionBecameBusy& e) { change(e.session, SessionState::kBusy); }
  void operator()(const core::SessionDegraded& e) {
    change(e.session, SessionState::kDegraded).state_change_reason = e.reason;
  }
  // The reason stays until the next calculation has ended: who looks once in a while learns from
  // IDLE and BUSY sessions, too, that their variables are not there.
  void operator()(const core::SessionKernelDied& e) {
    change(e.session, SessionState::kDegraded).state_change_reason = e.reason;
  }
  void operator()(const core::SessionTerminationBegan& e) {
    change(e.session, SessionState::kTerminating).state_change_reason = e.reason;
  }
  void operator()(const core::SessionTerminated& e) {
    end(e.session, SessionState::kTerminated, e.reason);
  }
  void operator()(const core::SessionFailed& e) { end(e.session, SessionState::kFailed, e.reason); }

  // Other events do not show in a session's row.
  template <class Other>
  void operator()(const Other&) {}

  api::SessionStatus& change(const core::SessionId& id, SessionState state) {
    std::string key = keyOf(id.bytes);
    Rows::Row& row = view.rows_.edit(key);
    api::SessionStatus& status = row.answer.status;
    view.index_.move({row.answer.work_group, row.created}, byteOf(status.state), byteOf(state),
                     key);
    if (auto notebook = core::notebookOf(*row.answer.engine_configuration))
      view.notebook_index_.move({keyOf(notebook->bytes), row.created}, byteOf(status.state),
                                byteOf(state), key);
    status.state = state;
    status.last_modified_date_time = at.time;
    status.idle_since_date_time.reset();
    return status;
  }

  void end(const core::SessionId& id, SessionState state, const std::string& reason) {
    api::SessionStatus& status = change(id, state);
    status.state_change_reason = reason;
    status.end_date_time = at.time;
    view.rows_.drop(keyOf(id.bytes));
  }

  static std::uint8_t byteOf(SessionState state) { return static_cast<std::uint8_t>(state); }
};

void SessionsView::project(const core::RecordPosition& at, const core::Event& event) {
  std::visit(Projector{*this, at}, event);
}

const std::string& SessionsView::workingDirectory(const core::SessionId& session) {
  return *rows_.edit(keyOf(session.bytes)).answer.session_configuration->working_directory;
}

void SessionsView::addUsage(const core::SessionId& session, std::int64_t dpu_millis) {
  std::int64_t& total = rows_.edit(keyOf(session.bytes)).answer.statistics.dpu_execution_in_millis;
  total = isPlanted(core::PlantedBug::kUsageReplacesTheTotal) ? dpu_millis : total + dpu_millis;
}

}  // namespace glaux::daemon
