#pragma once

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <cstdint>
#include <functional>
#include <list>

#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/executor.capnp.h"
#include "plugins/sdk/report_log.h"
#include "plugins/sdk/session.h"

namespace glaux::plugins {

// Serves one session on its socket: lets the daemon in, hands its calls to the session, delivers
// reports, and counts the lease while no daemon is there.
class Server final : private kj::TaskSet::ErrorHandler {
 public:
  // All outlive the server.
  Server(kj::LowLevelAsyncIoProvider& io, kj::Timer& timer, const Bootstrap& bootstrap,
         const ExecutorDescription& description, Session& session, ReportLog& reports);

  ~Server();

  // Opens `executor.sock` in the current directory and accepts connections from now on.
  void listen();

  // The daemon that started us is gone. With a lease, means nothing once one has proven itself.
  void lifelineCut();

  // Done once the daemon has acknowledged every report. Called once, when no more are to come.
  kj::Promise<void> whenAllAcknowledged();

 private:
  struct Connection;
  class HandshakeServer;
  class ExecutorServer;

  void acceptNext();
  void serve(kj::Own<kj::AsyncIoStream> stream);
  void adopt(Connection& connection);
  void disconnected(Connection& connection);
  void startLease();
  void watch(std::uint64_t from, protocol::ReportSink::Client sink);
  void reportsChanged();
  void deliverNext();
  void tellIfAllAcknowledged();
  void taskFailed(kj::Exception&& exception) override;

  kj::LowLevelAsyncIoProvider& io_;
  kj::Timer& timer_;
  const Bootstrap& bootstrap_;
  const ExecutorDescription& description_;
  Session& session_;
  ReportLog& reports_;

  kj::Own<kj::ConnectionReceiver> receiver_;
  bool has_been_found_ = false;
  std::uint64_t lease_ = 0;        // counts adoptions, so that an old lease's timer finds out
  Connection* current_ = nullptr;  // the latest authenticated one

  // What the current connection watches.
  kj::Maybe<protocol::ReportSink::Client> sink_;
  std::uint64_t next_report_ = 0;
  bool delivering_ = false;
  bool change_is_pending_ = false;

  kj::Own<kj::PromiseFulfiller<void>> all_acknowledged_;  // null while nobody waits

  std::list<kj::Own<Connection>> connections_;
  kj::TaskSet tasks_{*this};
};

}  // namespace glaux::plugins
