#pragma once

#include <kj/async-unix.h>
#include <kj/async.h>
#include <kj/timer.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/kernel/connection_file.h"
#include "plugins/kernel/jupyter_message.h"
#include "plugins/kernel/zmq_socket.h"

namespace glaux::plugins {

// What a kernel says of itself.
struct KernelInfo {
  std::string implementation;
  std::string language;
  std::string language_version;
};

// How the execution of one block of code ended.
struct ExecutionReply {
  enum class Status { kOk, kError };

  Status status = Status::kOk;
  std::string error_name;
  std::string error_value;
};

// Receives what a block of code puts out, while it runs.
class OutputListener {
 public:
  virtual ~OutputListener() noexcept(false) = default;

  virtual void onStdout(std::string_view text) = 0;
  virtual void onStderr(std::string_view text) = 0;

  // {"type": "execute_result" | "display_data", "data": …, "metadata": …} on one line.
  virtual void onRichOutput(std::string_view json) = 0;

  // The text of an error's traceback, without a final newline.
  virtual void onTraceback(std::string_view text) = 0;
};

// Speaks the Jupyter protocol with one kernel over its shell, control and iopub channels. Knows
// nothing of the process behind them: its owner notices its death, and sends its signals.
class KernelClient {
 public:
  // The kernel need not listen yet.
  KernelClient(const KernelConnection& connection, kj::UnixEventPort& event_port, kj::Timer& timer);
  ~KernelClient() noexcept(false);

  KernelClient(const KernelClient&) = delete;
  KernelClient& operator=(const KernelClient&) = delete;

  // Done when the kernel answers and its output arrives here. (Subscribing to a ZeroMQ publisher
  // takes a moment in which it drops what it publishes, so an answer alone does not do.)
  kj::Promise<KernelInfo> whenReady();

  enum class Visibility { kVisible, kSilent };  // silent: no output, no result

  // One block at a time, under an id of its own. Done when the kernel has replied and all output
  // has been handed to the listener, which must stay until the next call: threads may print after
  // the end.
  kj::Promise<ExecutionReply> execute(const std::string& id, const std::string& code,
                                      Visibility visibility, OutputListener& listener);

  // A block that an earlier client gave the kernel, under this id. What the kernel has published of
  // it has to come through `receive`: from its beginning or, if the code `has_begun`, from any
  // point of it that is known.
  kj::Promise<ExecutionReply> continueExecution(const std::string& id, bool has_begun,
                                                OutputListener& listener);

  // What the kernel published on another way than its socket, see output_log.h.
  void receive(const Frames& frames) { onIopub(frames); }

  // Done when the kernel has answered to everything it was sent before.
  kj::Promise<void> whenCaughtUp();

  // Whether the kernel has published anything of the last `execute` or `continueExecution`.
  bool hasHeardOfExecution() const;

  // Whether the kernel has begun with the code of the last `execute`. Interrupts that come before
  // are lost on most kernels.
  kj::Promise<void> whenExecutionBegins();

  // For kernels whose spec says `"interrupt_mode": "message"`.
  void interrupt();

  // Asks the kernel to exit.
  void shutdown();

 private:
  struct Execution;

  void introduce();
  void onShell(const Frames& frames);
  void onIopub(const Frames& frames);
  kj::Promise<ExecutionReply> expect(const std::string& id, Visibility visibility,
                                     OutputListener& listener);
  void onOutput(const JupyterMessage& message);
  void finishIntroduction();
  void finishIfComplete();
  void request(ZmqSocket& socket, JupyterMessage message);

  kj::Timer& timer_;
  JupyterCodec codec_;

  // The first question, until it is answered on both channels.
  std::string introduction_id_;
  bool is_subscribed_ = false;
  std::unique_ptr<KernelInfo> info_;
  kj::Own<kj::PromiseFulfiller<KernelInfo>> ready_;  // null when it is

  std::unique_ptr<Execution> execution_;  // the last one, also after its end

  // The last question whether the kernel has caught up; null when it is answered.
  std::string catch_up_id_;
  kj::Own<kj::PromiseFulfiller<void>> caught_up_;

  ZmqContext context_;
  ZmqSocket shell_;
  ZmqSocket control_;
  ZmqSocket iopub_;
  kj::Promise<void> patience_ = nullptr;  // the one timer that is running
};

}  // namespace glaux::plugins
