// bench_load PORT OPERATION CONNECTIONS SECONDS < BODIES
//
// Sends OPERATION over CONNECTIONS keep-alive connections, one request at a time on each, for
// SECONDS, and prints one JSON object: how many requests were accepted, refused because the session
// is BUSY, refused otherwise, and the percentiles of their latency.
//
// Standard input holds the request bodies, one a line. Connection i of n sends the lines i, i+n,
// i+2n, … in turn: a session that completed one calculation is asked again only after the
// connection's others.

#include <sys/epoll.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "tests/bench/load_connection.h"

namespace glaux::bench {
namespace {

// As long as the header of a real SDK; the daemon reads the access key from it.
constexpr const char* kAuthorization =
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/athena/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
    "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

std::string requestBytes(const std::string& operation, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AmazonAthena." + operation +
         "\r\nContent-Type: application/x-amz-json-1.1\r\nUser-Agent: bench_load\r\n"
         "X-Amz-Date: 20260101T000000Z\r\nAuthorization: " +
         kAuthorization + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Client {
  LoadConnection connection;
  std::vector<std::string> requests;
  std::size_t next = 0;

  void sendNext() {
    connection.send(requests[next]);
    next = (next + 1) % requests.size();
  }
};

std::vector<Client> makeClients(int port, const std::string& operation, std::size_t count) {
  std::vector<Client> clients;
  for (std::size_t i = 0; i < count; ++i) clients.push_back({LoadConnection(port), {}, 0});
  std::string body;
  for (std::size_t line = 0; std::getline(std::cin, body); ++line)
    clients[line % count].requests.push_back(requestBytes(operation, body));
  for (const Client& client : clients) {
    if (client.requests.empty()) die("fewer bodies than connections");
  }
  return clients;
}

struct Tally {
  std::uint64_t accepted = 0;
  std::uint64_t busy = 0;
  std::uint64_t refused = 0;
  std::string first_refusal;
  std::vector<std::uint32_t> latencies_us;

  void add(const LoadResponse& response, Clock::duration latency) {
    latencies_us.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(latency).count()));
    if (response.status == 200) {
      ++accepted;
    } else if (response.body.find("needs to be IDLE") != std::string_view::npos) {
      ++busy;
    } else {
      if (refused++ == 0) first_refusal = response.body;
    }
  }
};

// Sends until `end`, then waits for the answers that are due.
Tally drive(std::vector<Client>& clients, Clock::time_point end) {
  int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  for (Client& client : clients) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &client}};
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, client.connection.fd(), &event) != 0) die("epoll_ctl");
    client.sendNext();
  }
  Tally tally;
  tally.latencies_us.reserve(1 << 20);
  std::vector<epoll_event> events(clients.size());
  for (std::size_t awaited = clients.size(); awaited > 0;) {
    int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 30'000);
    if (ready <= 0) die("no answer for 30 s");
    Clock::time_point now = Clock::now();
    for (int i = 0; i < ready; ++i) {
      auto& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      LoadResponse response;
      if (!client.connection.receive(&response)) continue;
      tally.add(response, now - client.connection.sentAt());
      if (now < end) {
        client.sendNext();
      } else {
        --awaited;
      }
    }
  }
  return tally;
}

double percentileMs(const std::vector<std::uint32_t>& sorted, double share) {
  auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return sorted[index] / 1000.0;
}

void print(Tally tally, double seconds) {
  std::sort(tally.latencies_us.begin(), tally.latencies_us.end());
  std::printf(
      "{\"seconds\": %.3f, \"accepted\": %llu, \"busy\": %llu, \"refused\": %llu, "
      "\"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
      seconds, static_cast<unsigned long long>(tally.accepted),
      static_cast<unsigned long long>(tally.busy), static_cast<unsigned long long>(tally.refused),
      percentileMs(tally.latencies_us, 0.5), percentileMs(tally.latencies_us, 0.9),
      percentileMs(tally.latencies_us, 0.99), percentileMs(tally.latencies_us, 1.0));
  if (tally.refused > 0) std::fprintf(stderr, "refused: %s\n", tally.first_refusal.c_str());
}

int run(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: bench_load PORT OPERATION CONNECTIONS SECONDS < BODIES\n", stderr);
    return 2;
  }
  auto clients = makeClients(std::atoi(argv[1]), argv[2], std::strtoul(argv[3], nullptr, 10));
  auto begin = Clock::now();
  auto planned = std::chrono::duration<double>(std::atof(argv[4]));
  Tally tally = drive(clients, begin + std::chrono::duration_cast<Clock::duration>(planned));
  print(std::move(tally), std::chrono::duration<double>(Clock::now() - begin).count());
  return 0;
}

}  // namespace
}  // namespace glaux::bench

int main(int argc, char** argv) { return glaux::bench::run(argc, argv); }
