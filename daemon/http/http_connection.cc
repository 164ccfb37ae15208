#include "daemon/http/http_connection.h"

#include <algorithm>

namespace glaux::daemon {

HttpConnection& HttpConnections::open(int fd, std::string remote_address, std::uint64_t now_ms) {
  auto& idle = in(ConnectionStage::kIdle);
  HttpConnection& connection = idle.emplace_back();
  connection.fd = fd;
  connection.remote_address = std::move(remote_address);
  connection.since_ms = now_ms;
  connection.self = std::prev(idle.end());
  return connection;
}

void HttpConnections::close(HttpConnection& connection) {
  in(connection.stage).erase(connection.self);
}

void HttpConnections::enter(ConnectionStage stage, HttpConnection& connection,
                            std::uint64_t now_ms) {
  auto& to = in(stage);
  to.splice(to.end(), in(connection.stage), connection.self);
  connection.stage = stage;
  connection.since_ms = now_ms;
}

bool HttpConnections::empty() const {
  return std::all_of(lists_.begin(), lists_.end(), [](const auto& list) { return list.empty(); });
}

}  // namespace glaux::daemon
