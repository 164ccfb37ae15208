#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/http/http_message.h"

namespace glaux::daemon {

/// An answer the server gives without asking the handler.
struct HttpRefusal {
  int status;
  std::string_view reason;
};

/// How a request's body is delimited.
struct RequestFraming {
  /// What the headers announce; 0 without a body, and for the chunked coding, which announces
  /// nothing.
  std::uint64_t content_length = 0;
  std::optional<HttpRefusal> refusal;
};

/// Reads the framing from a request's headers and refuses what two parties could understand
/// differently (RFC 9112, sections 5.1, 6.1 and 6.3), and bodies that announce more than
/// `max_body_bytes`. libmicrohttpd has refused a Content-Length that is not a number by then.
RequestFraming readFraming(const HeaderList& headers, std::string_view http_version,
                           std::size_t max_body_bytes);

}  // namespace glaux::daemon
