// bench_constant [BODY_BYTES]
//
// The daemon's HTTP server with a handler that answers every request at once with the same bytes,
// of the size of a real answer: what durability is compared with. Prints the port it got.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "daemon/http/http_server.h"
#include "daemon/loop/loop.h"

int main(int argc, char** argv) {
  using namespace glaux::daemon;
  std::size_t body_bytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 82;
  const HttpResponse answer{200,
                            {{"Content-Type", "application/x-amz-json-1.1"},
                             {"x-amzn-RequestId", "00000000-0000-0000-0000-000000000000"}},
                            std::string(body_bytes, 'x')};
  Loop loop;
  auto server = HttpServer::listen(
      loop, {}, {},
      [&answer](HttpRequest&&, Responder responder) {
        responder.send(
            {answer.status, answer.headers, std::string(std::get<std::string>(answer.body))});
      },
      [](int status, std::string_view reason, std::string_view) {
        return HttpResponse{status, {}, std::string(reason)};
      });
  if (!server) {
    std::fprintf(stderr, "bench_constant: %s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("%d\n", (*server)->port());
  std::fflush(stdout);
  loop.run();
}
