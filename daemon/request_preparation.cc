#include "daemon/request_preparation.h"

#include <utility>

#include "api/digest.h"
#include "api/ipynb.h"
#include "api/s3_uri.h"
#include "api/utf8.h"
#include "daemon/core/event_codec.h"

namespace glaux::daemon {
namespace {

// Decoding this much takes a fraction of a millisecond.
constexpr std::size_t kQuickBytes = std::size_t{64} << 10;

constexpr std::size_t kMaxContentBytes = std::size_t{10} << 20;

// Scoped to principal and operation: two users may choose the same token.
std::optional<core::IdempotencyToken> tokenOf(const api::Request& request,
                                              const std::string& principal) {
  auto token = api::clientRequestToken(request);
  if (!token) return std::nullopt;
  std::string scoped = principal + '\0' + std::string(api::operationName(request)) + '\0' + *token;
  return core::IdempotencyToken{api::sha256(scoped),
                                api::sha256(api::parametersForIdempotency(request))};
}

bool isUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = api::firstCharacter(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

// The object's bytes, or in words why they cannot be had.
tl::expected<std::string, std::string> readText(const ObjectReader& objects,
                                                const api::S3Uri& uri) {
  auto bytes = objects.read({uri.bucket, uri.key}, kMaxContentBytes);
  if (!bytes) return tl::unexpected(std::move(bytes.error().message));
  if (!isUtf8(*bytes)) return tl::unexpected<std::string>("it is not UTF-8 text");
  return std::move(*bytes);
}

// A code block that is nothing but the URI of an object: a line that no Python would take.
std::optional<api::S3Uri> uriOfCode(const api::StartCalculationExecutionRequest& request) {
  const auto& nested = request.calculation_configuration;
  const auto& code = request.code_block || !nested ? request.code_block : nested->code_block;
  if (!code || code->find_first_of("\r\n") != std::string::npos) return std::nullopt;
  auto uri = api::parseS3Uri(*code);
  return uri && !uri->key.empty() ? uri : std::nullopt;
}

class Preparation {
 public:
  Preparation(PreparedRequest& prepared, const ObjectReader& objects)
      : prepared_(prepared), objects_(objects) {}

  void operator()(api::StartCalculationExecutionRequest& request) {
    auto uri = uriOfCode(request);
    if (!uri) return;
    auto code = readText(objects_, *uri);
    if (!code) return refuse(api::errors::codeUnreadable(api::formatS3Uri(*uri), code.error()));
    keep(std::move(*code));
  }

  void operator()(api::CreateNotebookRequest&) { keep(std::string(api::emptyIpynb())); }

  void operator()(api::ImportNotebookRequest& request) {
    const auto& location = request.notebook_s3_location_uri;
    if (request.payload.has_value() == location.has_value())
      return refuse(api::errors::notebookSourceNotOne());
    if (request.payload) return keepNotebook(std::move(*std::exchange(request.payload, {})));
    auto uri = api::parseS3Uri(*location);
    if (!uri) return refuse(api::errors::notebookUnreadable(*location, "it is not an s3:// URI."));
    auto text = readText(objects_, *uri);
    if (!text) return refuse(api::errors::notebookUnreadable(*location, text.error()));
    keepNotebook(std::move(*text));
  }

  void operator()(api::UpdateNotebookRequest& request) {
    keepNotebook(std::exchange(request.payload, {}));
  }

  template <class Other>
  void operator()(Other&) {}

 private:
  void keepNotebook(std::string text) {
    auto checked = api::checkIpynb(text);
    if (!checked) return refuse(api::errors::notNotebook(checked.error()));
    keep(std::move(text));
  }

  void keep(std::string bytes) {
    const journal::Hash digest = journal::sha256(bytes);
    prepared_.content = digest.bytes;
    prepared_.blob = journal::Blob{digest, std::move(bytes)};
  }

  void refuse(api::Error error) { prepared_.content = tl::unexpected(std::move(error)); }

  PreparedRequest& prepared_;
  const ObjectReader& objects_;
};

}  // namespace

bool carriesNotebook(std::string_view x_amz_target) {
  return x_amz_target == "AmazonAthena.ImportNotebook" ||
         x_amz_target == "AmazonAthena.UpdateNotebook";
}

bool isSlowToPrepare(const api::Operation& operation, const std::string& body) {
  if (body.size() > kQuickBytes || operation.name == "ImportNotebook") return true;
  // Cheaper than decoding first: code that merely mentions a URI takes the longer way, too.
  return operation.name == "StartCalculationExecution" && body.find("s3:") != std::string::npos;
}

tl::expected<PreparedRequest, api::Error> prepareRequest(const api::Operation& operation,
                                                         const std::string& body,
                                                         const std::string& principal,
                                                         const ObjectReader& objects) {
  auto decoded = api::decodeRequest(operation, body);
  if (!decoded) return tl::unexpected(std::move(decoded.error()));
  PreparedRequest prepared;
  prepared.request = std::move(*decoded);
  prepared.token = tokenOf(prepared.request, principal);
  if (body.size() > core::kInlineRequestBytesMax)
    prepared.body_digest = journal::sha256(body).bytes;
  std::visit(Preparation(prepared, objects), prepared.request);
  return prepared;
}

}  // namespace glaux::daemon
