#include "daemon/http/request_framing.h"

#include <charconv>

namespace glaux::daemon {

RequestFraming readFraming(const HeaderList& headers, std::string_view http_version,
                           std::size_t max_body_bytes) {
  std::optional<std::string_view> content_length;
  std::optional<std::string_view> transfer_encoding;
  const auto refuse = [](int status, std::string_view reason) {
    return RequestFraming{0, HttpRefusal{status, reason}};
  };

  for (std::size_t i = 0; i < headers.size(); ++i) {
    const HeaderList::Field field = headers.at(i);
    if (field.name.empty() || field.name.find_first_of(" \t") != std::string_view::npos) {
      return refuse(400, "malformed header name");
    }
    if (equalIgnoringCase(field.name, "content-length")) {
      if (content_length) return refuse(400, "more than one Content-Length header");
      content_length = field.value;
    } else if (equalIgnoringCase(field.name, "transfer-encoding")) {
      if (transfer_encoding) return refuse(400, "more than one Transfer-Encoding header");
      transfer_encoding = field.value;
    }
  }

  if (transfer_encoding) {
    if (content_length) return refuse(400, "both Content-Length and Transfer-Encoding");
    if (!equalIgnoringCase(*transfer_encoding, "chunked")) {
      return refuse(400, "unsupported Transfer-Encoding");
    }
    if (http_version == "HTTP/1.0") return refuse(400, "Transfer-Encoding in an HTTP/1.0 request");
    return {};
  }
  if (!content_length) return {};

  std::uint64_t bytes = 0;
  const char* const end = content_length->data() + content_length->size();
  const auto [parsed_to, error] = std::from_chars(content_length->data(), end, bytes);
  if (error != std::errc{} || parsed_to != end) return refuse(400, "malformed Content-Length");
  if (bytes > max_body_bytes) return refuse(413, "the request body is too large");
  return {bytes, std::nullopt};
}

}  // namespace glaux::daemon
