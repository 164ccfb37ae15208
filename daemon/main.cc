#include <malloc.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "config/command_line.h"
#include "config/endpoint.h"
#include "daemon/daemon.h"

namespace {

using glaux::daemon::Error;

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

void startLogging(const glaux::config::LogOptions& options) {
  auto logger = spdlog::stderr_logger_st("glauxd");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  spdlog::set_default_logger(logger);
  spdlog::set_level(spdlog::level::from_str(options.level));
  spdlog::flush_on(spdlog::level::trace);
}

int run(const glaux::config::Options& options, glaux::daemon::RereadSettings reread_settings) {
  startLogging(options.log);
  std::signal(SIGPIPE, SIG_IGN);
  auto daemon = glaux::daemon::Daemon::start(options, std::move(reread_settings));
  if (!daemon) {
    spdlog::critical("glauxd cannot start: {}", daemon.error().message);
    return kExitFailure;
  }
  auto host = glaux::config::parseEndpoint(options.listen)->host;
  bool is_ipv6 = host.find(':') != std::string::npos;
  std::printf("glauxd is listening on http://%s:%d\n", (is_ipv6 ? "[" + host + "]" : host).c_str(),
              (*daemon)->port());
  std::fflush(stdout);
  if (auto ran = (*daemon)->run(); !ran) {
    spdlog::critical("glauxd ended: {}", ran.error().message);
    return kExitFailure;
  }
  spdlog::info("stopped");
  return 0;
}

std::string describeAll(const std::vector<glaux::config::Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) text += "glauxd: " + describe(problem) + "\n";
  return text;
}

// For months of running: large blocks (snapshots, bodies, notebooks) go back to the system when
// they are freed instead of leaving holes, and the threads share few heaps.
void keepHeapSmall() {
  ::mallopt(M_MMAP_THRESHOLD, 128 << 10);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 10);
  ::mallopt(M_ARENA_MAX, 2);
}

}  // namespace

int main(int argc, char** argv) {
  using glaux::config::Verb;
  auto environment = glaux::config::environmentOf(environ);
  auto command = glaux::config::parseCommandLine(argc, argv, environment);
  if (!command) {
    std::fputs(describeAll(command.error()).c_str(), stderr);
    return kExitUsage;
  }
  switch (command->verb) {
    case Verb::kHelp:
      std::fputs(glaux::config::helpText().c_str(), stdout);
      return 0;
    case Verb::kVersion:
      std::puts("glauxd " GLAUX_VERSION);
      return 0;
    case Verb::kPrintConfig:
      std::fputs(glaux::config::exampleFile().c_str(), stdout);
      return 0;
    case Verb::kCheckConfig:
      std::puts("The settings are valid.");
      return 0;
    case Verb::kRun:
      break;
  }
  keepHeapSmall();
  return run(command->options,
             [argc, argv, &environment]() -> tl::expected<glaux::config::Options, Error> {
               auto fresh = glaux::config::parseCommandLine(argc, argv, environment);
               if (!fresh) return tl::unexpected(Error{describeAll(fresh.error())});
               return fresh->options;
             });
}
