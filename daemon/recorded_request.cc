#include "daemon/recorded_request.h"

#include "api/aws_json.h"
#include "api/calculations.h"

namespace glaux::daemon {

tl::expected<std::string, std::string> requestOf(const journal::Journal& journal,
                                                 const core::RecordBody& body) {
  if (!body.request_blob) return body.request;
  auto blob = journal.readBlob(journal::Hash{*body.request_blob});
  if (!blob) return tl::unexpected(blob.error().message);
  if (!*blob) return tl::unexpected(std::string("the request's blob is missing"));
  return std::move(**blob);
}

tl::expected<std::string, std::string> codeOfRecord(const journal::Journal& journal,
                                                    std::uint64_t sequence) {
  auto record = journal.read(sequence);
  if (!record) return tl::unexpected(record.error().message);
  if (!*record)
    return tl::unexpected("record " + std::to_string(sequence) + " is not in the journal");
  auto body = core::decodeRecord((*record)->payload);
  if (!body) return tl::unexpected(body.error());
  auto text = requestOf(journal, *body);
  if (!text) return text;
  auto request = api::decode<api::StartCalculationExecutionRequest>(*text);
  if (!request) return tl::unexpected(request.error().message);
  if (request->code_block) return std::move(*request->code_block);
  if (request->calculation_configuration && request->calculation_configuration->code_block)
    return std::move(*request->calculation_configuration->code_block);
  return tl::unexpected("record " + std::to_string(sequence) + " holds no code");
}

}  // namespace glaux::daemon
