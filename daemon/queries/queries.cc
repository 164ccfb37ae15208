#include "daemon/queries/queries.h"

#include "daemon/core/check.h"
#include "daemon/projections/bytes.h"
#include "daemon/queries/answers.h"

namespace glaux::daemon {
namespace {

template <class Request>
concept Reading = requires(const Sources& from, const Request& request) {
  answer(from, request);
};

struct Answering {
  Sources from;

  template <Reading Request>
  JsonAnswer operator()(const Request& request) const {
    return daemon::answer(from, request);
  }

  // Mutating operations are commands and never come here.
  template <class Mutating>
  JsonAnswer operator()(const Mutating&) const {
    core::check(false, "a query is of a reading operation");
    return tl::unexpected(api::Error{});
  }
};

}  // namespace

tl::expected<std::string, api::Error> Queries::answer(const api::Request& request) const {
  return std::visit(Answering{{views_, journal_, engine_versions_}}, request);
}

bool Queries::isSlow(const api::Request& request) {
  if (const auto* list = std::get_if<api::ListNotebookMetadataRequest>(&request))
    return list->filters.has_value();
  return std::holds_alternative<api::ExportNotebookRequest>(request) ||
         std::holds_alternative<api::GetCalculationExecutionCodeRequest>(request);
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
