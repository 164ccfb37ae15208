#include "plugins/kernel/kernel_client.h"

#include <kj/debug.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "plugins/protocol/failure.h"
#include "plugins/protocol/proof.h"

namespace glaux::plugins {
namespace {

using Json = nlohmann::json;

// How long to wait for our own subscription before asking again.
constexpr kj::Duration kIntroductionPeriod = 20 * kj::MILLISECONDS;

// How long a reply may come after the kernel said it is idle. Kernels send it before; one that was
// interrupted at the wrong moment sends none.
constexpr kj::Duration kReplyPatience = 1 * kj::SECONDS;

std::string endpoint(const KernelConnection& connection, KernelPort port) {
  return "ipc://" + connection.client_prefix + "-" + std::to_string(port);
}

std::string randomSession() {
  std::string hex;
  for (const char c : randomBytes(16)) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned char>(c));
    hex += digits;
  }
  return hex;
}

// A kernel may send anything; what cannot be read as its type says is an empty object.
Json parseContent(const JupyterMessage& message) {
  Json content = Json::parse(message.content, nullptr, /*allow_exceptions=*/false);
  return content.is_object() ? content : Json::object();
}

std::string text(const Json& content, const char* name) {
  const auto found = content.find(name);
  return found != content.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string traceback(const Json& content) {
  std::string lines;
  if (const auto found = content.find("traceback"); found != content.end() && found->is_array()) {
    for (const Json& line : *found) {
      if (!line.is_string()) continue;
      if (!lines.empty()) lines += '\n';
      lines += line.get_ref<const std::string&>();
    }
  }
  if (lines.empty()) lines = text(content, "ename") + ": " + text(content, "evalue");
  return withoutColours(lines);
}

std::string richOutput(const JupyterMessage& message) {
  const Json content = parseContent(message);
  const Json output = {{"type", message.type},
                       {"data", content.value("data", Json::object())},
                       {"metadata", content.value("metadata", Json::object())}};
  return output.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

struct KernelClient::Execution {
  std::string id;
  Visibility visibility;
  OutputListener& listener;
  kj::Own<kj::PromiseFulfiller<ExecutionReply>> finished;  // null when it has
  kj::PromiseFulfillerPair<void> begun = kj::newPromiseAndFulfiller<void>();
  kj::ForkedPromise<void> whenBegun = begun.promise.fork();
  bool is_heard_of = false;
  bool is_idle = false;
  std::optional<ExecutionReply> reply = std::nullopt;
};

KernelClient::KernelClient(const KernelConnection& connection, kj::UnixEventPort& event_port,
                           kj::Timer& timer)
    : timer_(timer),
      codec_(connection.key, randomSession()),
      shell_(context_, ZmqSocket::Type::kDealer, endpoint(connection, kShellPort), event_port,
             timer, [this](Frames frames) { onShell(frames); }),
      control_(context_, ZmqSocket::Type::kDealer, endpoint(connection, kControlPort), event_port,
               timer, [](Frames) {}),
      iopub_(context_, ZmqSocket::Type::kSubscriber, endpoint(connection, kIopubPort), event_port,
             timer, [this](Frames frames) { onIopub(frames); }) {}

KernelClient::~KernelClient() noexcept(false) = default;

kj::Promise<KernelInfo> KernelClient::whenReady() {
  auto pair = kj::newPromiseAndFulfiller<KernelInfo>();
  ready_ = kj::mv(pair.fulfiller);
  introduce();
  return kj::mv(pair.promise);
}

void KernelClient::introduce() {
  JupyterMessage message = codec_.request("kernel_info_request", "{}");
  introduction_id_ = message.id;
  request(shell_, std::move(message));
}

kj::Promise<ExecutionReply> KernelClient::execute(const std::string& id, const std::string& code,
                                                  Visibility visibility, OutputListener& listener) {
  // Without stop_on_error: it would also drop a block that arrives shortly after an error.
  const Json content = {{"code", code},           {"silent", visibility == Visibility::kSilent},
                        {"store_history", false}, {"user_expressions", Json::object()},
                        {"allow_stdin", false},   {"stop_on_error", false}};
  auto reply = expect(id, visibility, listener);
  request(shell_, codec_.request("execute_request",
                                 content.dump(-1, ' ', false, Json::error_handler_t::replace), id));
  return reply;
}

// The kernel's reply went to the client that asked, so the outcome is what was published.
kj::Promise<ExecutionReply> KernelClient::continueExecution(const std::string& id, bool has_begun,
                                                            OutputListener& listener) {
  auto reply = expect(id, Visibility::kVisible, listener);
  execution_->reply = ExecutionReply{};
  execution_->is_heard_of = has_begun;
  if (has_begun) execution_->begun.fulfiller->fulfill();
  return reply;
}

kj::Promise<ExecutionReply> KernelClient::expect(const std::string& id, Visibility visibility,
                                                 OutputListener& listener) {
  auto pair = kj::newPromiseAndFulfiller<ExecutionReply>();
  execution_.reset(new Execution{id, visibility, listener, kj::mv(pair.fulfiller)});
  return kj::mv(pair.promise);
}

// Requests of one client are answered in their order; those of an earlier client that the kernel
// has received take turns with them, so that a second answer comes behind the last of those.
kj::Promise<void> KernelClient::whenCaughtUp() {
  auto ask = [this] {
    auto pair = kj::newPromiseAndFulfiller<void>();
    caught_up_ = kj::mv(pair.fulfiller);
    JupyterMessage message = codec_.request("kernel_info_request", "{}");
    catch_up_id_ = message.id;
    request(shell_, std::move(message));
    return kj::mv(pair.promise);
  };
  return ask().then(ask);
}

bool KernelClient::hasHeardOfExecution() const { return execution_ && execution_->is_heard_of; }

kj::Promise<void> KernelClient::whenExecutionBegins() { return execution_->whenBegun.addBranch(); }

void KernelClient::interrupt() { request(control_, codec_.request("interrupt_request", "{}")); }

void KernelClient::shutdown() {
  request(control_, codec_.request("shutdown_request", R"({"restart": false})"));
}

void KernelClient::request(ZmqSocket& socket, JupyterMessage message) {
  socket.send(codec_.encode(message));
}

void KernelClient::onShell(const Frames& frames) {
  const auto message = codec_.decode(frames);
  if (!message) {
    KJ_LOG(WARNING, message.error().message);
    return;
  }
  const Json content = parseContent(*message);
  if (caught_up_.get() != nullptr && message->parent_id == catch_up_id_) {
    caught_up_->fulfill();
  } else if (message->type == "kernel_info_reply" && !info_) {
    const Json language = content.value("language_info", Json::object());
    info_.reset(new KernelInfo{text(content, "implementation"), text(language, "name"),
                               text(language, "version")});
    finishIntroduction();
  } else if (message->type == "execute_reply" && execution_ &&
             message->parent_id == execution_->id) {
    execution_->reply = text(content, "status") == "ok"
                            ? ExecutionReply{}
                            : ExecutionReply{ExecutionReply::Status::kError, text(content, "ename"),
                                             text(content, "evalue")};
    finishIfComplete();
  }
}

void KernelClient::onIopub(const Frames& frames) {
  const auto message = codec_.decode(frames);
  if (!message) {
    KJ_LOG(WARNING, message.error().message);
    return;
  }
  if (message->parent_id == introduction_id_ && !is_subscribed_) {
    is_subscribed_ = true;
    finishIntroduction();
  } else if (execution_ && message->parent_id == execution_->id) {
    onOutput(*message);
  }
}

// The introduction is complete when both channels have answered.
void KernelClient::finishIntroduction() {
  if (!info_ || ready_.get() == nullptr) return;
  if (is_subscribed_) {
    ready_->fulfill(KernelInfo(*info_));
    ready_ = nullptr;
    return;
  }
  patience_ = timer_.afterDelay(kIntroductionPeriod)
                  .then([this] {
                    if (is_subscribed_) return;
                    introduce();
                    finishIntroduction();
                  })
                  .eagerlyEvaluate(nullptr);
}

void KernelClient::onOutput(const JupyterMessage& message) {
  execution_->is_heard_of = true;
  if (message.type == "status") {
    if (text(parseContent(message), "execution_state") == "idle") {
      execution_->is_idle = true;
      finishIfComplete();
    }
    return;
  }
  if (execution_->visibility == Visibility::kSilent) return;
  if (message.type == "execute_input") {
    execution_->begun.fulfiller->fulfill();
  } else if (message.type == "stream") {
    const Json content = parseContent(message);
    if (text(content, "name") == "stderr") {
      execution_->listener.onStderr(text(content, "text"));
    } else {
      execution_->listener.onStdout(text(content, "text"));
    }
  } else if (message.type == "execute_result" || message.type == "display_data") {
    execution_->listener.onRichOutput(richOutput(message));
  } else if (message.type == "error") {
    const Json content = parseContent(message);
    execution_->listener.onTraceback(traceback(content));
    // Where no reply comes, this is what it would say.
    if (execution_->reply)
      execution_->reply = ExecutionReply{ExecutionReply::Status::kError, text(content, "ename"),
                                         text(content, "evalue")};
  }
}

void KernelClient::finishIfComplete() {
  if (!execution_->is_idle || execution_->finished.get() == nullptr) return;
  if (execution_->reply) {
    execution_->finished->fulfill(ExecutionReply(*execution_->reply));
    execution_->finished = nullptr;
    return;
  }
  patience_ = timer_.afterDelay(kReplyPatience)
                  .then([this, id = execution_->id] {
                    if (execution_->id != id || execution_->reply) return;
                    execution_->reply =
                        ExecutionReply{ExecutionReply::Status::kError, "KernelError",
                                       "the kernel stopped without a reply"};
                    finishIfComplete();
                  })
                  .eagerlyEvaluate(nullptr);
}

}  // namespace glaux::plugins
