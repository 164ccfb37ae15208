// Bodies with "Content-Encoding: aws-chunked": how SDKs send a checksum, or a signature for each
// chunk, along with bytes they do not want to read twice (SigV4, "Transferring payload in multiple
// chunks").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace glaux::api {

struct AwsChunkedBody {
  std::string data;
  std::vector<std::pair<std::string, std::string>> trailers;  // names as sent
};

// Each chunk is "<hexadecimal size>[;chunk-signature=…]\r\n<bytes>\r\n"; the last has size 0 and is
// followed by trailers, one a line, and an empty line. Signatures are not looked at. nullopt: the
// body is malformed or ends early.
std::optional<AwsChunkedBody> decodeAwsChunked(std::string_view body);

}  // namespace glaux::api
