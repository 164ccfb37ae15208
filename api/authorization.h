// Who a request says it comes from: the SigV4 Authorization header, or its presigned query form.
//
// This reads the claim and checks its form. It does not verify the signature.
// Format: AWS Signature Version 4, "Authorization header" and "query string" methods.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "api/errors.h"

namespace glaux::api {

struct Authorization {
  std::string access_key_id;
  std::string date;  // YYYYMMDD, the credential scope's day
  std::string region;
  std::string service;                      // "athena" or "s3"
  std::vector<std::string> signed_headers;  // lower case, in the order given
  std::string signature;                    // 64 hexadecimal digits
  bool operator==(const Authorization&) const = default;
};

// The principal of requests without any signature.
inline constexpr std::string_view kAnonymous = "anonymous";

// nullopt: the header is absent or empty. Error: IncompleteSignatureException when it is there but
// not a well-formed AWS4-HMAC-SHA256 authorization.
tl::expected<std::optional<Authorization>, Error> parseAuthorizationHeader(std::string_view header);

// The same for a URL's query ("X-Amz-Algorithm=…&X-Amz-Credential=…", still percent-encoded).
// nullopt: it carries no X-Amz-Algorithm, X-Amz-Credential or X-Amz-Signature.
tl::expected<std::optional<Authorization>, Error> parsePresignedQuery(std::string_view query);

// The access key id, or kAnonymous.
std::string principalOf(const std::optional<Authorization>& authorization);

}  // namespace glaux::api
