#include "api/authorization.h"

#include <algorithm>
#include <map>

namespace glaux::api {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr std::size_t kMaxAccessKeyIdLength = 128;

using Parameters = std::map<std::string, std::string>;
using Parsed = tl::expected<std::optional<Authorization>, Error>;

tl::unexpected<Error> malformed(std::string_view what) {
  return tl::unexpected(errors::malformedAuthorization(what));
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); }
bool isPrintable(char c) { return c > 0x20 && c < 0x7F; }

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// name=value; nullopt when there is no '='.
std::optional<std::pair<std::string, std::string>> splitParameter(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

std::optional<int> hexValue(char c) {
  if (isDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> percentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hexValue(text[i + 1]);
    const auto low = hexValue(text[i + 2]);
    if (!high || !low) return std::nullopt;
    decoded += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return decoded;
}

// <access key id>/<YYYYMMDD>/<region>/<service>/aws4_request
bool readCredential(const std::string& credential, Authorization& authorization) {
  auto parts = split(credential, '/');
  if (parts.size() != 5 || parts[4] != kTerminator) return false;
  const std::string& key = parts[0];
  const std::string& date = parts[1];
  if (key.empty() || key.size() > kMaxAccessKeyIdLength) return false;
  if (!std::all_of(key.begin(), key.end(), isPrintable)) return false;
  if (date.size() != 8 || !std::all_of(date.begin(), date.end(), isDigit)) return false;
  if (parts[2].empty() || parts[3].empty()) return false;
  authorization.access_key_id = std::move(parts[0]);
  authorization.date = std::move(parts[1]);
  authorization.region = std::move(parts[2]);
  authorization.service = std::move(parts[3]);
  return true;
}

Parsed read(const Parameters& parameters, const std::string& prefix) {
  const auto value = [&](const char* name) -> std::string {
    const auto found = parameters.find(prefix + name);
    return found == parameters.end() ? std::string() : found->second;
  };
  Authorization authorization;
  if (!readCredential(value("Credential"), authorization)) {
    return malformed(
        "Credential must have the form <access key id>/<YYYYMMDD>/<region>/<service>/"
        "aws4_request.");
  }
  authorization.signed_headers = split(value("SignedHeaders"), ';');
  for (const std::string& header : authorization.signed_headers) {
    if (header.empty()) return malformed("SignedHeaders must be names separated by ';'.");
  }
  authorization.signature = value("Signature");
  const std::string& signature = authorization.signature;
  if (signature.size() != 64 || !std::all_of(signature.begin(), signature.end(), isHex)) {
    return malformed("Signature must be 64 lower-case hexadecimal digits.");
  }
  return authorization;
}

}  // namespace

Parsed parseAuthorizationHeader(std::string_view header) {
  header = trim(header);
  if (header.empty()) return std::nullopt;
  const std::string_view scheme = header.substr(0, header.find(' '));
  if (scheme != kAlgorithm) return malformed("Authorization must be AWS4-HMAC-SHA256.");
  Parameters parameters;
  for (const std::string& part : split(header.substr(scheme.size()), ',')) {
    auto parameter = splitParameter(trim(part));
    if (!parameter) return malformed("Authorization must be a list of name=value.");
    if (!parameters.insert(std::move(*parameter)).second) {
      return malformed("Authorization names a parameter twice.");
    }
  }
  return read(parameters, "");
}

Parsed parsePresignedQuery(std::string_view query) {
  Parameters parameters;
  for (const std::string& part : split(query, '&')) {
    const auto parameter = splitParameter(part);
    if (!parameter || !parameter->first.starts_with("X-Amz-")) continue;
    auto value = percentDecode(parameter->second);
    if (!value) return malformed("The query is not well percent-encoded.");
    if (!parameters.emplace(parameter->first, std::move(*value)).second) {
      return malformed("The query names an X-Amz- parameter twice.");
    }
  }
  const bool is_presigned = parameters.contains("X-Amz-Algorithm") ||
                            parameters.contains("X-Amz-Credential") ||
                            parameters.contains("X-Amz-Signature");
  if (!is_presigned) return std::nullopt;
  if (parameters["X-Amz-Algorithm"] != kAlgorithm) {
    return malformed("X-Amz-Algorithm must be AWS4-HMAC-SHA256.");
  }
  return read(parameters, "X-Amz-");
}

std::string principalOf(const std::optional<Authorization>& authorization) {
  return authorization ? authorization->access_key_id : std::string(kAnonymous);
}

}  // namespace glaux::api
