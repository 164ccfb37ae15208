#include "plugins/check/trial.h"

#include <utility>

namespace glaux::plugins::check {
namespace {

std::string decimalSeconds(std::chrono::milliseconds duration) {
  const std::string millis = std::to_string(duration.count() % 1000);
  return std::to_string(duration.count() / 1000) + "." + std::string(3 - millis.size(), '0') +
         millis;
}

}  // namespace

Trial::Trial(const Subject& subject, std::filesystem::path directory)
    : subject_(subject), directory_(std::move(directory)) {}

bool Trial::waitUntil(const std::function<bool()>& condition, std::chrono::milliseconds timeout) {
  return loop_.waitUntil(condition, scaled(timeout));
}

std::chrono::milliseconds Trial::scaled(std::chrono::milliseconds duration) const {
  return std::chrono::milliseconds(
      static_cast<long>(static_cast<double>(duration.count()) * subject_.time_scale));
}

Ran Trial::command(std::vector<std::string> arguments, std::chrono::milliseconds timeout) {
  return runToItsEnd(subject_.plugin.executable, std::move(arguments), directory_, scaled(timeout));
}

std::string Trial::code(const std::string& name, Snippets::Values values) const {
  const auto found = subject_.snippets.code.find(name);
  if (found == subject_.snippets.code.end()) skip("check.json has no code for \"" + name + "\"");
  return filled(found->second, values);
}

std::string Trial::timed(const std::string& name, std::chrono::milliseconds duration) const {
  return code(name, {{"seconds", decimalSeconds(duration)},
                     {"milliseconds", std::to_string(duration.count())}});
}

std::string Trial::says(const std::string& name, Snippets::Values values) const {
  const auto found = subject_.snippets.says.find(name);
  if (found == subject_.snippets.says.end())
    skip("check.json does not say what is seen of \"" + name + "\"");
  return filled(found->second, values);
}

std::map<std::string, std::string> Trial::settings(const std::string& name) const {
  const auto found = subject_.snippets.settings.find(name);
  if (found == subject_.snippets.settings.end())
    skip("check.json has no settings for \"" + name + "\"");
  return found->second;
}

std::int64_t millisSince(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               began)
      .count();
}

std::string inTurn(std::initializer_list<std::string> codes) {
  std::string joined;
  for (const std::string& code : codes) joined += (joined.empty() ? "" : "\n") + code;
  return joined;
}

}  // namespace glaux::plugins::check
