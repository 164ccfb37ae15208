#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/errors.h"
#include "api/operations.h"
#include "daemon/core/commands.h"
#include "daemon/objects/object_reader.h"
#include "journal/journal.h"

namespace glaux::daemon {

// Requests with a notebook's text in them: 10 Mi characters, of which each may take twelve bytes in
// JSON, as two escaped halves of a surrogate pair.
bool carriesNotebook(std::string_view x_amz_target);
inline constexpr std::size_t kMaxNotebookRequestBytes = std::size_t{12 * 10 + 1} << 20;

// A decoded request, and what deciding it needs that takes reading or hashing megabytes.
struct PreparedRequest {
  // Without its payload, which is `content`.
  api::Request request;
  std::optional<core::IdempotencyToken> token;
  // The digest of the body, if it is too long to stand in its record.
  std::optional<core::Digest> body_digest;
  // What the request brings or names beside itself: a notebook, or code that stands in an object.
  // The blob is the bytes behind the digest.
  std::optional<core::Content> content;
  std::optional<journal::Blob> blob;
};

// Whether preparing the request may take more than a moment, so that it does not belong on the
// loop.
bool isSlowToPrepare(const api::Operation& operation, const std::string& body);

// Any thread. Errors are those of decoding; what is wrong with content stands in `content`, for the
// core to refuse where its rules have it. `principal` is whom the request's token belongs to.
tl::expected<PreparedRequest, api::Error> prepareRequest(const api::Operation& operation,
                                                         const std::string& body,
                                                         const std::string& principal,
                                                         const ObjectReader& objects);

}  // namespace glaux::daemon
