#pragma once

#include <kj/async-io.h>
#include <kj/async.h>
#include <kj/compat/http.h>
#include <kj/timer.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace glaux::plugins {

// A container engine, by the Docker Engine API over its unix socket
// (https://docs.docker.com/reference/api/engine/; Podman serves it, too). Containers are called by
// their names.
//
// A promise is rejected as DISCONNECTED if the engine cannot be reached, stops answering or takes
// longer than it should; as FAILED if it refuses. The description is for the user either way.
class Engine {
 public:
  // `network` and `timer` outlive it.
  Engine(kj::Network& network, kj::Timer& timer, std::string socket);

  kj::Promise<bool> hasImage(std::string image);
  // However long that takes.
  kj::Promise<void> pull(std::string image);

  // `specification` is the JSON of ContainerCreate.
  kj::Promise<void> create(std::string name, std::string specification);
  kj::Promise<void> start(std::string name);

  struct State {
    bool is_running = false;
    int pid = 0;  // of its first process on this machine
    int exit_code = 0;
    bool ran_out_of_memory = false;
  };
  // Nothing if there is no such container.
  kj::Promise<std::optional<State>> inspect(std::string name);

  kj::Promise<void> ping();

  // Containers that do not run or are not there are fine with both.
  kj::Promise<void> signal(std::string name, std::string signal);
  kj::Promise<void> remove(std::string name);

  // Names of all containers, running or not, with this label.
  kj::Promise<std::vector<std::string>> withLabel(std::string label, std::string value);

  // The last lines it printed.
  kj::Promise<std::string> log(std::string name);

 private:
  struct Answer {
    unsigned status;
    std::string body;
  };
  enum class Patience { kLimited, kEndless };

  kj::Promise<Answer> ask(kj::HttpMethod method, std::string path, std::string body = "",
                          Patience patience = Patience::kLimited);
  kj::Promise<Answer> send(kj::HttpMethod method, const std::string& path, std::string body);
  kj::Promise<void> negotiate();

  kj::Network& network_;
  kj::Timer& timer_;
  const std::string socket_;
  std::string version_;  // "/v1.41"; empty until the engine was asked
  kj::Own<kj::HttpHeaderTable> headers_;
  kj::HttpHeaderId version_header_;
};

}  // namespace glaux::plugins
