#include "daemon/recorded_request.h"

#include "api/aws_json.h"
#include "api/calculations.h"

namespace glaux::daemon {
namespace {

tl::expected<std::string, std::string> blobOf(const journal::Journal& journal,
                                              const core::Digest& digest) {
  auto blob = journal.readBlob(journal::Hash{digest});
  if (!blob) return tl::unexpected(blob.error().message);
  if (!*blob) return tl::unexpected(std::string("a blob is missing"));
  return std::move(**blob);
}

// The blob the code was put into when it was read from an object.
const core::CalculationCodeRead* codeReadIn(const core::RecordBody& body) {
  if (!body.outcome) return nullptr;
  for (const core::Event& event : *body.outcome) {
    if (const auto* read = std::get_if<core::CalculationCodeRead>(&event)) return read;
  }
  return nullptr;
}

}  // namespace

tl::expected<std::string, std::string> requestOf(const journal::Journal& journal,
                                                 const core::RecordBody& body) {
  if (!body.request_blob) return body.request;
  return blobOf(journal, *body.request_blob);
}

tl::expected<std::string, std::string> codeOfRecord(const journal::Journal& journal,
                                                    std::uint64_t sequence) {
  auto record = journal.read(sequence);
  if (!record) return tl::unexpected(record.error().message);
  if (!*record)
    return tl::unexpected("record " + std::to_string(sequence) + " is not in the journal");
  auto body = core::decodeRecord((*record)->payload);
  if (!body) return tl::unexpected(body.error());
  if (const auto* read = codeReadIn(*body)) return blobOf(journal, read->code);
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
