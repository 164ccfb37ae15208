#pragma once

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <cstdint>
#include <list>

#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/executor.capnp.h"
#include "tests/check/report_book.h"
#include "tests/check/script_session.h"

namespace glaux::plugins::check {

// The socket of one session: handshake, verbs, delivery, lease.
class ExecutorServer final : private kj::TaskSet::ErrorHandler {
 public:
  // All outlive the server.
  ExecutorServer(kj::AsyncIoContext& io, const Bootstrap& bootstrap, ScriptSession& session,
                 ReportBook& reports);
  ~ExecutorServer();

  // Opens `executor.sock` in the current directory.
  void listen();

  // The lifeline has reached its end.
  void daemonDied();

  bool isAllAcknowledged() const { return reports_.acknowledgedThrough() == reports_.last(); }

 private:
  class Verbs;
  class Door;
  struct Connection;

  void acceptNext();
  void adopt(Connection& connection);
  void disconnected(Connection& connection);
  void startLease();
  void watch(std::uint64_t from, protocol::ReportSink::Client sink);
  void deliver();
  void taskFailed(kj::Exception&& exception) override;

  kj::AsyncIoContext& io_;
  kj::Timer& timer_;
  const Bootstrap& bootstrap_;
  ScriptSession& session_;
  ReportBook& reports_;
  kj::Own<kj::ConnectionReceiver> receiver_;
  Connection* current_ = nullptr;
  bool was_found_ = false;
  int adoptions_ = 0;
  int probes_ = 0;

  struct Watch {
    protocol::ReportSink::Client sink;
    std::uint64_t next;
    bool is_delivering = false;
  };
  std::list<Watch> watches_;  // one, unless the first is not replaced
  std::list<kj::Own<Connection>> connections_;
  kj::TaskSet tasks_{*this};
};

}  // namespace glaux::plugins::check
