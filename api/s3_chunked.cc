#include "api/s3_chunked.h"

#include <charconv>
#include <cstdint>

namespace glaux::api {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// Takes a line off the front, without its end; nullopt if there is no end of line.
std::optional<std::string_view> takeLine(std::string_view& text, std::string_view line_end) {
  const std::size_t end = text.find(line_end);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + line_end.size());
  return line;
}

std::optional<std::uint64_t> sizeOf(std::string_view chunk_line) {
  const std::string_view digits = chunk_line.substr(0, chunk_line.find(';'));
  std::uint64_t size = 0;
  const char* const end = digits.data() + digits.size();
  const auto [parsed_to, error] = std::from_chars(digits.data(), end, size, 16);
  if (error != std::errc{} || parsed_to != end) return std::nullopt;
  return size;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// Some SDKs leave out the empty line at the end, some end a trailer with a bare line feed.
bool readTrailers(std::string_view text, AwsChunkedBody& body) {
  while (!text.empty()) {
    const auto taken = takeLine(text, "\n");
    const std::string_view line = trimmed(taken.value_or(text));
    if (!taken) text = {};
    if (line.empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    body.trailers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return true;
}

}  // namespace

std::optional<AwsChunkedBody> decodeAwsChunked(std::string_view body) {
  AwsChunkedBody decoded;
  decoded.data.reserve(body.size());
  while (true) {
    const auto line = takeLine(body, kLineEnd);
    const auto size = line ? sizeOf(*line) : std::nullopt;
    if (!size) return std::nullopt;
    if (*size == 0) break;
    if (*size > body.size() || !body.substr(*size).starts_with(kLineEnd)) return std::nullopt;
    decoded.data += body.substr(0, *size);
    body.remove_prefix(*size + kLineEnd.size());
  }
  if (!readTrailers(body, decoded)) return std::nullopt;
  return decoded;
}

}  // namespace glaux::api
