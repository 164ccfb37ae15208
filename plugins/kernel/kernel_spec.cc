#include "plugins/kernel/kernel_spec.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace glaux::plugins {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSpecFile = "kernel.json";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path userDataDirectory() {
  if (const std::string own = environment("JUPYTER_DATA_DIR"); !own.empty()) return own;
  if (const std::string data = environment("XDG_DATA_HOME"); !data.empty()) {
    return fs::path(data) / "jupyter";
  }
  const std::string home = environment("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".local/share/jupyter";
}

std::vector<fs::path> splitPath(std::string_view text) {
  std::vector<fs::path> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(':'));
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return parts;
}

std::string lowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool isValidName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
  });
}

// Calls `visit` with the name and directory of each kernel there is, until it answers true.
template <typename Visit>
void forEachKernel(const std::vector<fs::path>& search_path, Visit visit) {
  for (const fs::path& directory : search_path) {
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
      const std::string name = lowerCase(it->path().filename().string());
      if (isValidName(name) && fs::exists(it->path() / kSpecFile) && visit(name, it->path())) {
        return;
      }
    }
  }
}

tl::expected<KernelSpec, Error> readSpec(const std::string& name, const fs::path& directory) {
  std::ifstream in(directory / kSpecFile);
  KernelSpec spec;
  spec.name = name;
  spec.directory = directory;
  try {
    const auto json = nlohmann::json::parse(in);
    json.at("argv").get_to(spec.argv);
    spec.language = lowerCase(json.value("language", std::string()));
    if (json.value("interrupt_mode", std::string("signal")) == "message") {
      spec.interrupt_mode = KernelSpec::InterruptMode::kMessage;
    }
    if (json.contains("env")) json.at("env").get_to(spec.env);
  } catch (const nlohmann::json::exception& e) {
    return tl::make_unexpected(
        Error{(directory / kSpecFile).string() + " is not a kernel spec: " + e.what()});
  }
  if (spec.argv.empty()) {
    return tl::make_unexpected(Error{(directory / kSpecFile).string() + " has an empty argv"});
  }
  return spec;
}

}  // namespace

std::vector<fs::path> kernelSearchPath() {
  std::vector<fs::path> data_directories = splitPath(environment("JUPYTER_PATH"));
  if (const fs::path user = userDataDirectory(); !user.empty()) data_directories.push_back(user);
  data_directories.emplace_back("/usr/local/share/jupyter");
  data_directories.emplace_back("/usr/share/jupyter");
  for (fs::path& directory : data_directories) directory /= "kernels";
  return data_directories;
}

std::vector<std::string> listKernels(const std::vector<fs::path>& search_path) {
  std::set<std::string> names;
  forEachKernel(search_path, [&](const std::string& name, const fs::path&) {
    names.insert(name);
    return false;
  });
  return {names.begin(), names.end()};
}

tl::expected<KernelSpec, Error> findKernel(const std::string& name,
                                           const std::vector<fs::path>& search_path) {
  tl::expected<KernelSpec, Error> spec =
      tl::make_unexpected(Error{"There is no kernel named \"" + name + "\"."});
  forEachKernel(search_path, [&](const std::string& candidate, const fs::path& directory) {
    if (candidate != lowerCase(name)) return false;
    spec = readSpec(candidate, directory);
    return true;
  });
  return spec;
}

}  // namespace glaux::plugins
