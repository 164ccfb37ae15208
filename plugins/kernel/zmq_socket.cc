#include "plugins/kernel/zmq_socket.h"

#include <kj/debug.h>
#include <zmq.h>

#include <utility>

namespace glaux::plugins {
namespace {

// Between two attempts to connect to a kernel that has not bound its socket yet: its start-up time
// is what a user feels.
constexpr int kReconnectIntervalMs = 5;

// Messages handled before other events get their turn.
constexpr int kDrainBatch = 100;

void check(int result) { KJ_ASSERT(result != -1, zmq_strerror(zmq_errno())); }

void setOption(void* socket, int option, int value) {
  check(zmq_setsockopt(socket, option, &value, sizeof(value)));
}

int descriptorOf(void* socket) {
  int fd = -1;
  std::size_t size = sizeof(fd);
  check(zmq_getsockopt(socket, ZMQ_FD, &fd, &size));
  return fd;
}

}  // namespace

ZmqContext::ZmqContext() : context_(zmq_ctx_new()) {}

ZmqContext::~ZmqContext() { zmq_ctx_term(context_); }

ZmqSocket::ZmqSocket(const ZmqContext& context, Type type, const std::string& endpoint,
                     kj::UnixEventPort& event_port, kj::Timer& timer,
                     std::function<void(std::vector<std::string>)> on_message)
    : socket_(zmq_socket(context.get(), type == Type::kDealer ? ZMQ_DEALER : ZMQ_SUB)),
      timer_(timer),
      on_message_(std::move(on_message)) {
  KJ_ASSERT(socket_ != nullptr, zmq_strerror(zmq_errno()));
  setOption(socket_.get(), ZMQ_LINGER, 0);
  setOption(socket_.get(), ZMQ_SNDHWM, 0);
  setOption(socket_.get(), ZMQ_RCVHWM, 0);
  setOption(socket_.get(), ZMQ_RECONNECT_IVL, kReconnectIntervalMs);
  if (type == Type::kSubscriber) check(zmq_setsockopt(socket_.get(), ZMQ_SUBSCRIBE, "", 0));
  check(zmq_connect(socket_.get(), endpoint.c_str()));
  observer_ = std::make_unique<kj::UnixEventPort::FdObserver>(
      event_port, descriptorOf(socket_.get()), kj::UnixEventPort::FdObserver::OBSERVE_READ);
  awaitEdge();
}

void ZmqSocket::Close::operator()(void* socket) const { zmq_close(socket); }

void ZmqSocket::send(const std::vector<std::string>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const int more = i + 1 < frames.size() ? ZMQ_SNDMORE : 0;
    check(zmq_send(socket_.get(), frames[i].data(), frames[i].size(), ZMQ_DONTWAIT | more));
  }
  tasks_.add(kj::evalLater([this] { drain(); }));
}

void ZmqSocket::awaitEdge() {
  tasks_.add(observer_->whenBecomesReadable().then([this] {
    awaitEdge();
    drain();
  }));
}

void ZmqSocket::drain() {
  std::vector<std::string> frames;
  for (int i = 0; i < kDrainBatch; ++i) {
    if (!receive(frames)) return;
    on_message_(std::move(frames));
    frames.clear();
  }
  // Through the event port, so that a kernel that never stops printing leaves room for the rest.
  tasks_.add(timer_.afterDelay(0 * kj::SECONDS).then([this] { drain(); }));
}

bool ZmqSocket::receive(std::vector<std::string>& frames) {
  int more = 1;
  while (more != 0) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, socket_.get(), ZMQ_DONTWAIT) == -1) {
      zmq_msg_close(&message);
      return false;
    }
    frames.emplace_back(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
    more = zmq_msg_more(&message);
    zmq_msg_close(&message);
  }
  return true;
}

void ZmqSocket::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, exception); }

}  // namespace glaux::plugins
