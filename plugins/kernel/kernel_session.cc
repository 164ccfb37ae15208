#include "plugins/kernel/kernel_session.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "plugins/protocol/failure.h"

namespace glaux::plugins {
namespace {

constexpr const char* kBootstrapId = "bootstrap";

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

RunResult toRunResult(const ExecutionReply& reply) {
  if (reply.status == ExecutionReply::Status::kOk) return {};
  const std::string reason =
      reply.error_value.empty() ? reply.error_name : reply.error_name + ": " + reply.error_value;
  return {RunResult::Kind::kRaisedAnError, firstLine(reason)};
}

// For what runs silently.
class NoOutput final : public OutputListener {
  void onStdout(std::string_view) override {}
  void onStderr(std::string_view) override {}
  void onRichOutput(std::string_view) override {}
  void onTraceback(std::string_view) override {}
};

// What is left of a text when so many bytes of this stream have been written before.
std::string_view unwritten(std::string_view text, std::uint64_t& written) {
  const std::size_t known = std::min<std::uint64_t>(written, text.size());
  written -= known;
  return text.substr(known);
}

}  // namespace

class KernelSession::OutputToFiles final : public OutputListener {
 public:
  OutputToFiles(OutputFiles& files, const OutputFiles::Sizes& written)
      : files_(files), written_(written) {}

  void onStdout(std::string_view text) override {
    files_.writeStdout(unwritten(text, written_.stdout_bytes));
  }
  void onStderr(std::string_view text) override {
    files_.writeStderr(unwritten(text, written_.stderr_bytes));
  }
  void onTraceback(std::string_view text) override { onStderr(std::string(text) + '\n'); }
  void onRichOutput(std::string_view json) override {
    files_.writeResultBytes(unwritten(std::string(json) + '\n', written_.result_bytes));
  }

 private:
  OutputFiles& files_;
  OutputFiles::Sizes written_;
};

KernelSession::KernelSession(const KernelConnection& connection, kj::UnixEventPort& event_port,
                             kj::Timer& timer)
    : client_(connection, event_port, timer) {}

kj::Promise<SessionReady> KernelSession::prepare(std::string bootstrap_code) {
  return client_.whenReady()
      .then([this, code = std::move(bootstrap_code)](KernelInfo info) {
        output_ = std::make_unique<NoOutput>();
        auto adapted = code.empty() ? kj::Promise<ExecutionReply>(ExecutionReply{})
                                    : client_.execute(kBootstrapId, code,
                                                      KernelClient::Visibility::kSilent, *output_);
        return adapted.then([info = std::move(info)](ExecutionReply reply) {
          if (reply.status != ExecutionReply::Status::kOk)
            kj::throwFatalException(
                failure("The kernel cannot be prepared: " + toRunResult(reply).reason));
          return SessionReady{info.implementation, info.language, info.language_version};
        });
      })
      .then([this](SessionReady ready) {
        is_ready_ = true;
        return ready;
      });
}

kj::Promise<RunResult> KernelSession::run(Calculation& calculation) {
  auto output = std::make_unique<OutputToFiles>(calculation.output, OutputFiles::Sizes{});
  auto reply = client_.execute(calculation.id, calculation.code, KernelClient::Visibility::kVisible,
                               *output);
  output_ = std::move(output);
  return follow(kj::mv(reply));
}

kj::Promise<RunResult> KernelSession::resumeRun(Calculation& calculation, bool has_begun,
                                                const OutputFiles::Sizes& written) {
  auto output = std::make_unique<OutputToFiles>(calculation.output, written);
  auto reply = client_.continueExecution(calculation.id, has_begun, *output);
  output_ = std::move(output);
  return follow(kj::mv(reply));
}

kj::Promise<RunResult> KernelSession::follow(kj::Promise<ExecutionReply> reply) {
  pending_interrupt_ = nullptr;
  is_running_code_ = true;
  return reply.then([this](const ExecutionReply& ended) {
    is_running_code_ = false;
    return toRunResult(ended);
  });
}

void KernelSession::interrupt(std::function<void()> deliver) {
  pending_interrupt_ =
      client_.whenExecutionBegins().then(std::move(deliver)).eagerlyEvaluate(nullptr);
}

}  // namespace glaux::plugins
