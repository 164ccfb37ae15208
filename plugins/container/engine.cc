#include "plugins/container/engine.h"

#include <kj/debug.h>
#include <kj/encoding.h>

#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "plugins/protocol/failure.h"

namespace glaux::plugins {
namespace {

using Json = nlohmann::json;

constexpr kj::Duration kPatience = 30 * kj::SECONDS;
constexpr kj::Duration kPingPatience = 5 * kj::SECONDS;
constexpr std::uint64_t kMaxAnswerBytes = std::uint64_t{16} << 20;
constexpr int kLogLines = 20;

bool isGood(unsigned status) { return status < 300; }
constexpr unsigned kNotModified = 304;
constexpr unsigned kNotFound = 404;
constexpr unsigned kConflict = 409;

// What the engine says of a failure.
std::string messageOf(const std::string& body) {
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json.value("message", body) : body;
}

std::string escaped(std::string_view text) {
  return kj::str(kj::encodeUriComponent(kj::arrayPtr(text.data(), text.size()))).cStr();
}

Json parsed(const std::string& body) {
  Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded())
    kj::throwFatalException(failure("The container engine's answer is no JSON."));
  return json;
}

// What KJ says of a failed call, without where in KJ it was said.
std::string plain(const kj::Exception& exception) {
  std::string text = exception.getDescription().cStr();
  if (const std::size_t end = text.find(';'); end != std::string::npos) text.erase(end);
  return text;
}

// The lines of a log come with a head of 8 bytes each, whose first says which stream it is.
std::string withoutStreamHeads(const std::string& log) {
  std::string text;
  for (std::size_t at = 0; at + 8 <= log.size();) {
    std::size_t size = 0;
    for (std::size_t i = 4; i < 8; ++i) size = size << 8 | static_cast<unsigned char>(log[at + i]);
    text += log.substr(at + 8, size);
    at += 8 + size;
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

Engine::Engine(kj::Network& network, kj::Timer& timer, std::string socket)
    : network_(network), timer_(timer), socket_(std::move(socket)) {
  kj::HttpHeaderTable::Builder builder;
  version_header_ = builder.add("Api-Version");
  headers_ = builder.build();
}

kj::Promise<Engine::Answer> Engine::send(kj::HttpMethod method, const std::string& path,
                                         std::string body) {
  return network_.parseAddress(kj::str("unix:", socket_))
      .then([this, method, path, body = std::move(body)](auto address) mutable {
        // A connection of its own each: on a local socket it costs nothing, and none is found dead.
        auto client =
            kj::newHttpClient(timer_, *headers_, *address, {.idleTimeout = 0 * kj::SECONDS});
        kj::HttpHeaders headers(*headers_);
        headers.set(kj::HttpHeaderId::HOST, "localhost");
        headers.set(kj::HttpHeaderId::CONTENT_TYPE, "application/json");
        auto request = client->request(method, path.c_str(), headers, body.size());
        auto sent = body.empty() ? kj::Promise<void>(kj::READY_NOW)
                                 : request.body->write(body.data(), body.size());
        return sent.attach(kj::mv(request.body), kj::mv(body))
            .then([response = kj::mv(request.response)]() mutable { return kj::mv(response); })
            .then([this](kj::HttpClient::Response response) {
              KJ_IF_MAYBE (version, response.headers->get(version_header_)) {
                version_ = "/v" + std::string(version->cStr());
              }
              auto text = response.body->readAllText(kMaxAnswerBytes);
              return text.attach(kj::mv(response.body))
                  .then([status = response.statusCode](kj::String all) {
                    return Answer{status, std::string(all.begin(), all.size())};
                  });
            })
            // The client goes first: attachments are destroyed last to first.
            .attach(kj::mv(address), kj::mv(client));
      });
}

kj::Promise<Engine::Answer> Engine::ask(kj::HttpMethod method, std::string path, std::string body,
                                        Patience patience) {
  auto answer =
      negotiate().then([this, method, path = std::move(path), body = std::move(body)]() mutable {
        return send(method, version_ + path, std::move(body));
      });
  auto in_time = patience == Patience::kEndless ? kj::mv(answer)
                                                : timer_.timeoutAfter(kPatience, kj::mv(answer));
  return in_time.catch_([this](kj::Exception&& exception) -> kj::Promise<Answer> {
    return kj::Exception(
        kj::Exception::Type::DISCONNECTED, "", 0,
        kj::str("The container engine at ", socket_, " does not answer: ", plain(exception)));
  });
}

// Engines refuse versions that are too new, or too old, so each is asked for its own.
kj::Promise<void> Engine::negotiate() {
  if (!version_.empty()) return kj::READY_NOW;
  return send(kj::HttpMethod::GET, "/_ping", "").ignoreResult();
}

kj::Promise<void> Engine::ping() {
  auto answer = ask(kj::HttpMethod::GET, "/_ping", "", Patience::kEndless).ignoreResult();
  return timer_.timeoutAfter(kPingPatience, kj::mv(answer))
      .catch_([this](kj::Exception&& exception) -> kj::Promise<void> {
        if (exception.getType() == kj::Exception::Type::DISCONNECTED) return kj::mv(exception);
        return kj::Exception(kj::Exception::Type::DISCONNECTED, "", 0,
                             kj::str("The container engine at ", socket_, " does not answer."));
      });
}

kj::Promise<bool> Engine::hasImage(std::string image) {
  return ask(kj::HttpMethod::GET, "/images/" + image + "/json").then([](Answer answer) {
    if (!isGood(answer.status) && answer.status != kNotFound)
      kj::throwFatalException(failure(messageOf(answer.body)));
    return isGood(answer.status);
  });
}

kj::Promise<void> Engine::pull(std::string image) {
  return ask(kj::HttpMethod::POST, "/images/create?fromImage=" + escaped(image), "",
             Patience::kEndless)
      .then([image](Answer answer) {
        std::string error = isGood(answer.status) ? "" : messageOf(answer.body);
        // Once it has begun to answer, the engine tells in its last line.
        const std::size_t last = answer.body.find_last_not_of("\r\n");
        const std::size_t line =
            last == std::string::npos ? last : answer.body.find_last_of('\n', last);
        const Json progress =
            Json::parse(answer.body.substr(line == std::string::npos ? 0 : line + 1), nullptr,
                        /*allow_exceptions=*/false);
        if (progress.is_object()) error = progress.value("error", error);
        if (error.empty()) return;
        kj::throwFatalException(
            failure("Image " + image + " is not there and cannot be pulled: " + error));
      });
}

kj::Promise<void> Engine::create(std::string name, std::string specification) {
  return ask(kj::HttpMethod::POST, "/containers/create?name=" + escaped(name),
             std::move(specification))
      .then([](Answer answer) {
        if (isGood(answer.status)) return;
        kj::throwFatalException(
            failure("The container cannot be created: " + messageOf(answer.body)));
      });
}

kj::Promise<void> Engine::start(std::string name) {
  return ask(kj::HttpMethod::POST, "/containers/" + name + "/start").then([](Answer answer) {
    if (isGood(answer.status) || answer.status == kNotModified) return;
    kj::throwFatalException(failure("The container cannot be started: " + messageOf(answer.body)));
  });
}

kj::Promise<std::optional<Engine::State>> Engine::inspect(std::string name) {
  return ask(kj::HttpMethod::GET, "/containers/" + name + "/json")
      .then([](Answer answer) -> std::optional<State> {
        if (answer.status == kNotFound) return std::nullopt;
        if (!isGood(answer.status)) kj::throwFatalException(failure(messageOf(answer.body)));
        const Json state = parsed(answer.body).value("State", Json::object());
        return State{state.value("Running", false), state.value("Pid", 0),
                     state.value("ExitCode", 0), state.value("OOMKilled", false)};
      });
}

kj::Promise<void> Engine::signal(std::string name, std::string signal) {
  return ask(kj::HttpMethod::POST, "/containers/" + name + "/kill?signal=" + signal)
      .then([](Answer answer) {
        if (isGood(answer.status) || answer.status == kNotFound || answer.status == kConflict)
          return;
        kj::throwFatalException(failure(messageOf(answer.body)));
      });
}

kj::Promise<void> Engine::remove(std::string name) {
  return ask(kj::HttpMethod::DELETE, "/containers/" + name + "?force=true&v=true")
      .then([](Answer answer) {
        if (isGood(answer.status) || answer.status == kNotFound) return;
        kj::throwFatalException(
            failure("The container cannot be removed: " + messageOf(answer.body)));
      });
}

kj::Promise<std::vector<std::string>> Engine::withLabel(std::string label, std::string value) {
  const Json filters = {{"label", {label + "=" + value}}};
  return ask(kj::HttpMethod::GET, "/containers/json?all=true&filters=" + escaped(filters.dump()))
      .then([](Answer answer) {
        if (!isGood(answer.status)) kj::throwFatalException(failure(messageOf(answer.body)));
        std::vector<std::string> names;
        for (const Json& container : parsed(answer.body)) names.push_back(container.at("Id"));
        return names;
      });
}

kj::Promise<std::string> Engine::log(std::string name) {
  return ask(kj::HttpMethod::GET, "/containers/" + name + "/logs?stdout=true&stderr=true&tail=" +
                                      std::to_string(kLogLines))
      .then([](Answer answer) {
        return isGood(answer.status) ? withoutStreamHeads(answer.body) : std::string();
      });
}

}  // namespace glaux::plugins
