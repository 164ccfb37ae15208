#include <array>

#include "daemon/queries/answers.h"
#include "daemon/queries/listing.h"
#include "daemon/recorded_request.h"

namespace glaux::daemon {
namespace {

using api::CalculationState;

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

tl::expected<CalculationsView::Rows::Row, api::Error> calculationRow(const Sources& from,
                                                                     const std::string& text) {
  auto id = core::parseId<core::CalculationId>(text);
  if (!id) return tl::unexpected(api::errors::calculationNotFound(text));
  return foundRow(from.views.calculations().rows().get(keyOf(id->bytes)),
                  [&text] { return api::errors::calculationNotFound(text); });
}

api::CalculationSummary summaryOfCalculation(
    const api::GetCalculationExecutionResponse& calculation) {
  return {calculation.calculation_execution_id, calculation.description, calculation.status};
}

}  // namespace

JsonAnswer answer(const Sources& from, const api::GetCalculationExecutionRequest& r) {
  const std::string& text = r.calculation_execution_id;
  auto id = core::parseId<core::CalculationId>(text);
  if (!id) return tl::unexpected(api::errors::calculationNotFound(text));
  return foundText(from.views.calculations().rows().text(keyOf(id->bytes)),
                   [&text] { return api::errors::calculationNotFound(text); });
}

JsonAnswer answer(const Sources& from, const api::GetCalculationExecutionStatusRequest& r) {
  auto row = calculationRow(from, r.calculation_execution_id);
  if (!row) return tl::unexpected(std::move(row.error()));
  return api::encode(
      api::GetCalculationExecutionStatusResponse{row->answer.status, row->answer.statistics});
}

JsonAnswer answer(const Sources& from, const api::GetCalculationExecutionCodeRequest& r) {
  auto row = calculationRow(from, r.calculation_execution_id);
  if (!row) return tl::unexpected(std::move(row.error()));
  auto code = codeOfRecord(from.journal, row->created);
  if (!code) return tl::unexpected(api::errors::internal(code.error()));
  return api::encode(api::GetCalculationExecutionCodeResponse{std::move(*code)});
}

JsonAnswer answer(const Sources& from, const api::ListCalculationExecutionsRequest& r) {
  auto session = sessionRow(from, r.session_id);
  if (!session) return tl::unexpected(std::move(session.error()));
  Listing listing{"ListCalculationExecutions", listScope(r.session_id, r.state_filter),
                  statesOf(r.state_filter, kAllCalculations), r.next_token,
                  pageSize(r.max_results, kDefaultPage)};
  api::ListCalculationExecutionsResponse response;
  auto next = listPage(listing, keyOf(core::parseId<core::SessionId>(r.session_id)->bytes),
                       from.views.calculations().index(), from.views.calculations().rows(),
                       response.calculations, summaryOfCalculation);
  return page(std::move(response), std::move(next));
}

}  // namespace glaux::daemon
