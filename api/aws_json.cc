#include "api/aws_json.h"

#include "api/field.h"
#include "api/json.h"

namespace glaux::api::detail {
namespace {

// Parses the body and reads it into object. The document is kept for the checks that follow.
tl::expected<JsonValue, Error> read(std::string_view body, const Shape& shape, void* object) {
  auto document = parseJson(body);
  if (!document) return tl::unexpected(errors::serialization());
  const bool has_text = document->kind == JsonKind::kObject || document->kind == JsonKind::kList;
  if (!has_text) return tl::unexpected(errors::serialization());
  if (auto result = readStruct(shape, *document, object); !result) {
    return tl::unexpected(errors::serialization(std::move(result.error())));
  }
  return std::move(*document);
}

}  // namespace

tl::expected<void, Error> decode(std::string_view body, const Shape& shape, void* object) {
  auto document = read(body, shape, object);
  if (!document) return tl::unexpected(std::move(document.error()));
  return {};
}

tl::expected<void, Error> decodeValidated(std::string_view body, const Shape& shape, void* object) {
  auto document = read(body, shape, object);
  if (!document) return tl::unexpected(std::move(document.error()));
  Violations violations;
  checkStruct(shape, *document, "", violations);
  if (!violations.empty()) return tl::unexpected(errors::validation(violations.message()));
  return {};
}

void encode(const Shape& shape, const void* object, std::string& out) {
  writeStruct(shape, object, out);
}

}  // namespace glaux::api::detail
