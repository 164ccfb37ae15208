#include "daemon/queries.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "api/aws_json.h"
#include "api/page_token.h"
#include "daemon/core/check.h"
#include "daemon/core/work_group.h"
#include "daemon/recorded_request.h"

namespace glaux::daemon {
namespace {

using api::CalculationState;
using api::SessionState;
using Answer = tl::expected<std::string, api::Error>;

// As large as the API allows: boto3 and the CLI do not page by themselves.
constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kDefaultWorkGroupPage = 50;
constexpr std::size_t kDefaultEngineVersionPage = 10;

// The one runtime of notebooks and its one size, as the service documents them.
constexpr std::string_view kNotebookRuntime = "Athena notebook version 1";

// Without a filter sessions are listed while they are active; ended ones have to be asked for.
constexpr std::array kActiveSessions = {
    static_cast<std::uint8_t>(SessionState::kCreating),
    static_cast<std::uint8_t>(SessionState::kCreated),
    static_cast<std::uint8_t>(SessionState::kIdle),
    static_cast<std::uint8_t>(SessionState::kBusy),
};
constexpr std::array kAllCalculations = {
    static_cast<std::uint8_t>(CalculationState::kCreating),
    static_cast<std::uint8_t>(CalculationState::kCreated),
    static_cast<std::uint8_t>(CalculationState::kQueued),
    static_cast<std::uint8_t>(CalculationState::kRunning),
    static_cast<std::uint8_t>(CalculationState::kCanceling),
    static_cast<std::uint8_t>(CalculationState::kCanceled),
    static_cast<std::uint8_t>(CalculationState::kCompleted),
    static_cast<std::uint8_t>(CalculationState::kFailed),
};

api::Error storageError(const journal::Error& error) {
  return api::errors::internal(error.message);
}

std::size_t pageSize(const std::optional<std::int32_t>& max_results, std::size_t otherwise) {
  return max_results ? static_cast<std::size_t>(*max_results) : otherwise;
}

// What a page token is bound to besides its operation: another list's token is refused.
template <class State>
std::string listScope(const std::string& owner, const std::optional<State>& filter) {
  return owner + '\0' + std::string(filter ? api::name(*filter) : "");
}

template <class State, std::size_t kCount>
std::vector<std::uint8_t> statesOf(const std::optional<State>& filter,
                                   const std::array<std::uint8_t, kCount>& otherwise) {
  if (filter) return {static_cast<std::uint8_t>(*filter)};
  return {otherwise.begin(), otherwise.end()};
}

tl::expected<std::optional<std::uint64_t>, api::Error> positionOf(
    std::string_view operation, const std::string& scope, const std::optional<std::string>& token) {
  // The model lets clients send "" for the first page.
  if (token.value_or("").empty()) return std::nullopt;
  auto position = api::decodePageToken(operation, scope, *token);
  if (!position) return tl::unexpected(std::move(position.error()));
  if (position->size() != 8) return tl::unexpected(api::errors::malformedPageToken(*token));
  return readBigEndian64(*position);
}

// A page of things listed by state, newest first.
struct Listing {
  std::string_view operation;
  std::string scope;
  std::vector<std::uint8_t> states;
  std::optional<std::string> token;
  std::size_t limit;
};

// Fills `items` and answers the next page's token. One entry more than shown tells whether there is
// a next page.
template <class Rows, class Item, class Summarise>
tl::expected<std::optional<std::string>, api::Error> listPage(
    const Listing& listing, std::string_view index_scope, const StateIndex& index, const Rows& rows,
    std::vector<Item>& items, Summarise summarise) {
  auto before = positionOf(listing.operation, listing.scope, listing.token);
  if (!before) return tl::unexpected(std::move(before.error()));
  auto entries = index.newest(index_scope, listing.states, *before, listing.limit + 1);
  if (!entries) return tl::unexpected(storageError(entries.error()));
  bool has_more = entries->size() > listing.limit;
  if (has_more) entries->pop_back();
  for (const StateIndex::Entry& entry : *entries) {
    auto row = rows.get(entry.key);
    if (!row) return tl::unexpected(storageError(row.error()));
    core::check(row->has_value(), "an indexed row exists");
    items.push_back(summarise((*row)->answer));
  }
  if (!has_more) return std::nullopt;
  return api::encodePageToken(listing.operation, listing.scope,
                              bigEndian64(entries->back().created));
}

// Likewise of a list that never changes; a position is how many came before.
template <class Item>
tl::expected<std::optional<std::string>, api::Error> fixedPage(
    std::string_view operation, const std::optional<std::string>& token, std::size_t limit,
    std::vector<Item> all, std::vector<Item>& items) {
  auto position = positionOf(operation, "", token);
  if (!position) return tl::unexpected(std::move(position.error()));
  const std::size_t begin = std::min<std::size_t>(position->value_or(0), all.size());
  const std::size_t end = std::min(begin + limit, all.size());
  std::move(all.begin() + static_cast<std::ptrdiff_t>(begin),
            all.begin() + static_cast<std::ptrdiff_t>(end), std::back_inserter(items));
  if (end == all.size()) return std::nullopt;
  return api::encodePageToken(operation, "", bigEndian64(end));
}

class Answering {
 public:
  Answering(const Views& views, const journal::Journal& journal)
      : views_(views), journal_(journal) {}

  Answer operator()(const api::GetSessionRequest& r) const {
    auto id = core::parseId<core::SessionId>(r.session_id);
    if (!id) return tl::unexpected(api::errors::sessionNotFound(r.session_id));
    return found(views_.sessions().rows().text(keyOf(id->bytes)),
                 [&r] { return api::errors::sessionNotFound(r.session_id); });
  }

  Answer operator()(const api::GetSessionStatusRequest& r) const {
    auto session = sessionRow(r.session_id);
    if (!session) return tl::unexpected(std::move(session.error()));
    return api::encode(
        api::GetSessionStatusResponse{session->answer.session_id, session->answer.status});
  }

  Answer operator()(const api::ListSessionsRequest& r) const {
    auto known = views_.workGroups().rows().text(r.work_group);
    if (!known) return tl::unexpected(storageError(known.error()));
    if (!*known) return tl::unexpected(api::errors::workGroupNotFound());
    Listing listing{"ListSessions", listScope(r.work_group, r.state_filter),
                    statesOf(r.state_filter, kActiveSessions), r.next_token,
                    pageSize(r.max_results, kDefaultPage)};
    api::ListSessionsResponse response;
    auto next = listPage(listing, r.work_group, views_.sessions().index(), views_.sessions().rows(),
                         response.sessions, summaryOfSession);
    return page(std::move(response), std::move(next));
  }

  Answer operator()(const api::ListExecutorsRequest& r) const {
    auto session = sessionRow(r.session_id);
    if (!session) return tl::unexpected(std::move(session.error()));
    std::string scope = listScope(r.session_id, r.executor_state_filter);
    auto before = positionOf("ListExecutors", scope, r.next_token);
    if (!before) return tl::unexpected(std::move(before.error()));
    auto executors = views_.executors().ofSession(*core::parseId<core::SessionId>(r.session_id));
    if (!executors) return tl::unexpected(storageError(executors.error()));

    api::ListExecutorsResponse response;
    response.session_id = r.session_id;
    std::size_t limit = pageSize(r.max_results, kDefaultPage);
    for (auto& row : *executors) {
      if (*before && row.created >= **before) continue;
      if (r.executor_state_filter && row.answer.executor_state != r.executor_state_filter) continue;
      if (response.executors_summary.size() == limit) {
        response.next_token =
            api::encodePageToken("ListExecutors", scope, bigEndian64(row.created + 1));
        break;
      }
      response.executors_summary.push_back(std::move(row.answer));
    }
    return api::encode(response);
  }

  Answer operator()(const api::GetCalculationExecutionRequest& r) const {
    const std::string& text = r.calculation_execution_id;
    auto id = core::parseId<core::CalculationId>(text);
    if (!id) return tl::unexpected(api::errors::calculationNotFound(text));
    return found(views_.calculations().rows().text(keyOf(id->bytes)),
                 [&text] { return api::errors::calculationNotFound(text); });
  }

  Answer operator()(const api::GetCalculationExecutionStatusRequest& r) const {
    auto row = calculationRow(r.calculation_execution_id);
    if (!row) return tl::unexpected(std::move(row.error()));
    return api::encode(
        api::GetCalculationExecutionStatusResponse{row->answer.status, row->answer.statistics});
  }

  Answer operator()(const api::GetCalculationExecutionCodeRequest& r) const {
    auto row = calculationRow(r.calculation_execution_id);
    if (!row) return tl::unexpected(std::move(row.error()));
    auto code = codeOfRecord(journal_, row->created);
    if (!code) return tl::unexpected(api::errors::internal(code.error()));
    return api::encode(api::GetCalculationExecutionCodeResponse{std::move(*code)});
  }

  Answer operator()(const api::ListCalculationExecutionsRequest& r) const {
    auto session = sessionRow(r.session_id);
    if (!session) return tl::unexpected(std::move(session.error()));
    Listing listing{"ListCalculationExecutions", listScope(r.session_id, r.state_filter),
                    statesOf(r.state_filter, kAllCalculations), r.next_token,
                    pageSize(r.max_results, kDefaultPage)};
    api::ListCalculationExecutionsResponse response;
    auto next = listPage(listing, keyOf(core::parseId<core::SessionId>(r.session_id)->bytes),
                         views_.calculations().index(), views_.calculations().rows(),
                         response.calculations, summaryOfCalculation);
    return page(std::move(response), std::move(next));
  }

  Answer operator()(const api::GetWorkGroupRequest& r) const {
    return found(views_.workGroups().rows().text(r.work_group),
                 [] { return api::errors::workGroupNotFound(); });
  }

  Answer operator()(const api::ListWorkGroupsRequest& r) const {
    std::string after;
    if (r.next_token) {
      auto position = api::decodePageToken("ListWorkGroups", "", *r.next_token);
      if (!position) return tl::unexpected(std::move(position.error()));
      after = std::move(*position);
    }
    std::size_t limit = pageSize(r.max_results, kDefaultWorkGroupPage);
    auto work_groups = views_.workGroups().byName(after, limit + 1);
    if (!work_groups) return tl::unexpected(storageError(work_groups.error()));

    api::ListWorkGroupsResponse response;
    bool has_more = work_groups->size() > limit;
    if (has_more) work_groups->pop_back();
    for (const api::WorkGroup& each : *work_groups)
      response.work_groups.push_back(summaryOfWorkGroup(each));
    if (has_more)
      response.next_token =
          api::encodePageToken("ListWorkGroups", "", response.work_groups.back().name);
    return api::encode(response);
  }

  Answer operator()(const api::ListEngineVersionsRequest& r) const {
    std::vector<api::EngineVersion> all;
    for (std::string_view selected : core::engineVersions())
      all.push_back({std::string(selected), std::string(core::effectiveEngineVersion(selected))});
    api::ListEngineVersionsResponse response;
    auto next = fixedPage("ListEngineVersions", r.next_token,
                          pageSize(r.max_results, kDefaultEngineVersionPage), std::move(all),
                          response.engine_versions);
    return page(std::move(response), std::move(next));
  }

  Answer operator()(const api::ListApplicationDpuSizesRequest& r) const {
    api::ListApplicationDpuSizesResponse response;
    auto next =
        fixedPage("ListApplicationDPUSizes", r.next_token, pageSize(r.max_results, kDefaultPage),
                  {api::ApplicationDpuSizes{std::string(kNotebookRuntime), {1}}},
                  response.application_dpu_sizes);
    return page(std::move(response), std::move(next));
  }

  // Mutating operations are commands and never come here.
  template <class Mutating>
  Answer operator()(const Mutating&) const {
    core::check(false, "a query is of a reading operation");
    return tl::unexpected(api::Error{});
  }

 private:
  using SessionRow = SessionsView::Rows::Row;
  using CalculationRow = CalculationsView::Rows::Row;

  template <class MakeError>
  static Answer found(tl::expected<std::optional<std::string>, journal::Error> text,
                      MakeError error) {
    if (!text) return tl::unexpected(storageError(text.error()));
    if (!*text) return tl::unexpected(error());
    return std::move(**text);
  }

  template <class Response>
  static Answer page(Response response, tl::expected<std::optional<std::string>, api::Error> next) {
    if (!next) return tl::unexpected(std::move(next.error()));
    response.next_token = std::move(*next);
    return api::encode(response);
  }

  tl::expected<SessionRow, api::Error> sessionRow(const std::string& text) const {
    auto id = core::parseId<core::SessionId>(text);
    if (!id) return tl::unexpected(api::errors::sessionNotFound(text));
    auto row = views_.sessions().rows().get(keyOf(id->bytes));
    if (!row) return tl::unexpected(storageError(row.error()));
    if (!*row) return tl::unexpected(api::errors::sessionNotFound(text));
    return std::move(**row);
  }

  tl::expected<CalculationRow, api::Error> calculationRow(const std::string& text) const {
    auto id = core::parseId<core::CalculationId>(text);
    if (!id) return tl::unexpected(api::errors::calculationNotFound(text));
    auto row = views_.calculations().rows().get(keyOf(id->bytes));
    if (!row) return tl::unexpected(storageError(row.error()));
    if (!*row) return tl::unexpected(api::errors::calculationNotFound(text));
    return std::move(**row);
  }

  static api::SessionSummary summaryOfSession(const api::GetSessionResponse& session) {
    return {session.session_id, session.description,
            api::EngineVersion{session.engine_version, session.engine_version},
            session.notebook_version, session.status};
  }

  static api::CalculationSummary summaryOfCalculation(
      const api::GetCalculationExecutionResponse& calculation) {
    return {calculation.calculation_execution_id, calculation.description, calculation.status};
  }

  static api::WorkGroupSummary summaryOfWorkGroup(const api::WorkGroup& work_group) {
    api::WorkGroupSummary summary;
    summary.name = work_group.name;
    summary.state = work_group.state;
    summary.description = work_group.description.value_or("");
    summary.creation_time = work_group.creation_time;
    if (work_group.configuration) summary.engine_version = work_group.configuration->engine_version;
    summary.identity_center_application_arn = work_group.identity_center_application_arn;
    return summary;
  }

  const Views& views_;
  const journal::Journal& journal_;
};

}  // namespace

tl::expected<std::string, api::Error> Queries::answer(const api::Request& request) const {
  return std::visit(Answering(views_, journal_), request);
}

bool Queries::isOutput(std::string_view bucket, std::string_view key) const {
  std::string uri = "s3://" + std::string(bucket) + "/" + std::string(key);
  auto calculation = calculationOfOutput(uri);
  if (!calculation) return false;
  auto row = views_.calculations().rows().get(keyOf(calculation->bytes));
  if (!row || !*row || !(*row)->answer.result) return false;
  const api::CalculationResult& result = *(*row)->answer.result;
  return uri == result.std_out_s3_uri || uri == result.std_error_s3_uri ||
         uri == result.result_s3_uri;
}

}  // namespace glaux::daemon
