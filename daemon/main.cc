#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <string>

#include "config/command_line.h"
#include "config/endpoint.h"
#include "daemon/daemon.h"

namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

void startLogging(const glaux::config::LogOptions& options) {
  auto logger = spdlog::stderr_logger_st("glauxd");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  spdlog::set_default_logger(logger);
  spdlog::set_level(spdlog::level::from_str(options.level));
  spdlog::flush_on(spdlog::level::trace);
}

int run(const glaux::config::Options& options) {
  startLogging(options.log);
  std::signal(SIGPIPE, SIG_IGN);
  auto daemon = glaux::daemon::Daemon::start(options);
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

}  // namespace

int main(int argc, char** argv) {
  using glaux::config::Verb;
  auto command = glaux::config::parseCommandLine(argc, argv, glaux::config::environmentOf(environ));
  if (!command) {
    for (const auto& problem : command.error())
      std::fprintf(stderr, "glauxd: %s\n", describe(problem).c_str());
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
      return run(command->options);
  }
}
