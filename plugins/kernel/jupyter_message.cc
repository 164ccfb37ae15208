#include "plugins/kernel/jupyter_message.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "plugins/protocol/proof.h"

namespace glaux::plugins {
namespace {

constexpr const char* kDelimiter = "<IDS|MSG>";
constexpr std::size_t kSignedFrames = 4;  // header, parent header, metadata, content

std::string toHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

// ISO 8601, which a header needs and nobody reads.
std::string timestamp() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[sizeof("2000-01-01T00:00:00.000000Z")];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.000000Z", &utc);
  return text;
}

}  // namespace

JupyterCodec::JupyterCodec(std::string key, std::string session)
    : key_(std::move(key)), session_(std::move(session)) {}

JupyterMessage JupyterCodec::request(std::string type, std::string content) {
  return request(std::move(type), std::move(content), session_ + "_" + std::to_string(next_id_++));
}

JupyterMessage JupyterCodec::request(std::string type, std::string content, std::string id) const {
  return {std::move(type), std::move(id), "", std::move(content)};
}

Frames JupyterCodec::encode(const JupyterMessage& message) const {
  const nlohmann::json header = {{"msg_id", message.id}, {"msg_type", message.type},
                                 {"session", session_},  {"username", "glaux"},
                                 {"date", timestamp()},  {"version", "5.3"}};
  Frames frames = {kDelimiter, "", header.dump(), "{}", "{}", message.content};
  frames[1] = sign(frames, 2);
  return frames;
}

tl::expected<JupyterMessage, Error> JupyterCodec::decode(const Frames& frames) const {
  const auto delimiter = std::find(frames.begin(), frames.end(), kDelimiter);
  const auto first = static_cast<std::size_t>(delimiter - frames.begin()) + 2;
  if (frames.size() < first + kSignedFrames) {
    return tl::make_unexpected(Error{"not a Jupyter message"});
  }
  if (!equalSecrets(frames[first - 1], sign(frames, first))) {
    return tl::make_unexpected(Error{"Jupyter message with a wrong signature"});
  }
  try {
    const auto header = nlohmann::json::parse(frames[first]);
    const auto parent = nlohmann::json::parse(frames[first + 1]);
    return JupyterMessage{header.at("msg_type"), header.at("msg_id"),
                          parent.value("msg_id", std::string()), frames[first + 3]};
  } catch (const nlohmann::json::exception& e) {
    return tl::make_unexpected(
        Error{std::string("Jupyter message with a bad header: ") + e.what()});
  }
}

std::string JupyterCodec::sign(const Frames& frames, std::size_t first) const {
  return toHex(
      hmacSha256(key_, {frames[first], frames[first + 1], frames[first + 2], frames[first + 3]}));
}

std::string withoutColours(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\x1b[") {
      const std::size_t end = text.find_first_not_of("0123456789;", i + 2);
      if (end != std::string_view::npos && text[end] == 'm') {
        i = end;
        continue;
      }
    }
    plain += text[i];
  }
  return plain;
}

}  // namespace glaux::plugins
