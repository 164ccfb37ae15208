#include "tests/unit/daemon/ctl/state_directory.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "daemon/core/decide.h"
#include "daemon/core/state_codec.h"

namespace glaux::daemon {
namespace {

journal::Options optionsFor(const std::filesystem::path& path) {
  journal::Options options;
  options.directory = path;
  options.commit = journal::Commit::kManual;
  options.head_interval = std::chrono::milliseconds(0);
  options.new_journal_id = {1, 2, 3};
  options.tables = Views::tableNames();
  return options;
}

journal::Draft draftOf(core::RecordBody body, const std::string& request) {
  journal::Draft draft;
  if (request.size() > core::kInlineRequestBytesMax) {
    draft.blobs.push_back(journal::makeBlob(request));
    body.request_blob = draft.blobs.back().digest.bytes;
  } else {
    body.request = request;
  }
  draft.kind = core::kRecordKind;
  draft.version = core::kRecordVersion;
  draft.payload = encodeRecord(body);
  return draft;
}

core::IdBytes idOf(std::uint64_t number) {
  core::IdBytes id{};
  for (std::size_t i = 0; i < sizeof number; ++i)
    id[i] = static_cast<std::uint8_t>(number >> 8 * i);
  return id;
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

StateDirectory::StateDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "glaux-ctl-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
  auto opened = journal::Journal::open(optionsFor(path_));
  if (!opened) std::abort();
  journal_ = std::move(*opened);
  views_ = std::make_unique<Views>(journal_->tables());
  if (!views_->open(0)) std::abort();

  core::RecordBody first;
  first.source = core::Source::kDaemon;
  first.operation = "CreateJournal";
  first.outcome = core::firstEvents();
  record(std::move(first), "");
}

StateDirectory::~StateDirectory() {
  if (journal_) close();
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::uint64_t StateDirectory::record(core::RecordBody body, const std::string& request) {
  const std::uint64_t sequence = recordRaw(draftOf(body, request));
  const core::RecordPosition at{
      sequence, core::Timestamp{kBeginMs + static_cast<std::int64_t>(sequence) * 1000}};
  if (body.outcome) {
    for (const core::Event& event : *body.outcome) {
      apply(state_, at, event);
      views_->project(at, event);
    }
  }
  applyRecordEnd(state_, at);
  EXPECT_TRUE(views_->commit(sequence));
  return sequence;
}

std::uint64_t StateDirectory::perform(const core::Command& command, const std::string& operation,
                                      const std::string& request) {
  core::Stamp stamp;
  stamp.sequence = journal_->lastSequence() + 1;
  stamp.now.ms = kBeginMs + static_cast<std::int64_t>(stamp.sequence) * 1000;
  for (core::IdBytes& id : stamp.ids) id = idOf(next_id_++);
  const core::Verdict verdict = decide(state_, core::Policy{}, stamp, command);

  core::RecordBody body;
  const bool is_report = std::holds_alternative<core::ReceiveReports>(command);
  body.source = is_report ? core::Source::kExecutor : core::Source::kApi;
  if (!is_report) body.principal = "AKIAEXAMPLE";
  body.operation = operation;
  if (verdict)
    body.outcome = verdict->events;
  else
    body.outcome = tl::unexpected(core::rejectionText(verdict.error()));
  return record(std::move(body), request);
}

std::uint64_t StateDirectory::report(const core::SessionId& session,
                                     std::vector<core::report::Body> bodies) {
  core::ReceiveReports reports{session, {}};
  for (core::report::Body& body : bodies)
    reports.reports.push_back({next_report_++, core::Timestamp{kBeginMs}, std::move(body)});
  return perform(reports, "ReceiveReports", "");
}

core::SessionId StateDirectory::startSession(const std::string& description) {
  core::StartSession command;
  command.request.work_group = "primary";
  command.request.engine_configuration.max_concurrent_dpus = 20;
  command.request.description = description;
  command.placement = core::Placement{"process", "python3"};
  const core::SessionId session{idOf(next_id_)};
  perform(command, "StartSession", R"({"WorkGroup": "primary"})");
  EXPECT_NE(state_.session(session), nullptr);
  next_report_ = 1;
  report(session, {core::report::SessionReady{}});
  return session;
}

core::CalculationId StateDirectory::startCalculation(const core::SessionId& session,
                                                     const std::string& code) {
  core::StartCalculation command;
  command.request.session_id = toText(session);
  command.request.code_block = code;
  const core::CalculationId calculation{idOf(next_id_)};
  perform(command, "StartCalculationExecution",
          "{\"SessionId\":" + quoted(toText(session)) + ",\"CodeBlock\":" + quoted(code) + "}");
  return calculation;
}

void StateDirectory::stopCalculation(const core::CalculationId& calculation) {
  core::StopCalculation command;
  command.request.calculation_execution_id = toText(calculation);
  perform(command, "StopCalculationExecution",
          "{\"CalculationExecutionId\":" + quoted(toText(calculation)) + "}");
}

std::uint64_t StateDirectory::recordOnly(std::vector<core::Event> events) {
  core::RecordBody body;
  body.operation = "Forgery";
  body.outcome = std::move(events);
  return recordRaw(draftOf(std::move(body), ""));
}

std::uint64_t StateDirectory::recordRaw(journal::Draft draft) {
  draft.time_ms = kBeginMs + static_cast<std::int64_t>(journal_->lastSequence() + 1) * 1000;
  const std::uint64_t sequence = journal_->append(std::move(draft));
  EXPECT_TRUE(journal_->commitPending());
  return sequence;
}

void StateDirectory::writeSnapshot(const core::State& state) {
  journal_->writeSnapshot(state.sequence, core::kStateCodecVersion, encodeState(state));
  EXPECT_TRUE(journal_->commitPending());
}

void StateDirectory::close() {
  views_.reset();
  EXPECT_TRUE(journal_->close());
  journal_.reset();
}

void StateDirectory::tamperWithLog(const Tamper& tamper) {
  close();
  const std::string database = path_ / "journal";
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, database, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  ASSERT_TRUE(rocksdb::DB::Open({}, database, families, &handles, &db).ok());
  tamper(*db, handles);
  for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  ASSERT_TRUE(db->Close().ok());
  delete db;
}

ProgramRun glauxctl(const std::string& arguments) {
  std::string errors_file = (std::filesystem::temp_directory_path() / "glaux-err-XXXXXX").string();
  const int descriptor = ::mkstemp(errors_file.data());
  if (descriptor < 0) std::abort();
  ::close(descriptor);
  std::FILE* pipe = ::popen((GLAUXCTL " " + arguments + " 2>" + errors_file).c_str(), "r");
  std::string output;
  for (char buffer[4096]; std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe);)
    output.append(buffer, got);
  const int status = ::pclose(pipe);

  ProgramRun run;
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) run.lines.push_back(line);
  std::ostringstream errors;
  errors << std::ifstream(errors_file).rdbuf();
  run.errors = errors.str();
  std::filesystem::remove(errors_file);
  return run;
}

}  // namespace glaux::daemon
