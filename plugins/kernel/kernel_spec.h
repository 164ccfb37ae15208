#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/error.h"

// The Jupyter kernels installed on this machine
// (https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs).
namespace glaux::plugins {

struct KernelSpec {
  enum class InterruptMode { kSignal, kMessage };

  std::string name;
  std::filesystem::path directory;
  std::vector<std::string> argv;  // with {connection_file} and {resource_dir} to fill in
  std::string language;
  InterruptMode interrupt_mode = InterruptMode::kSignal;
  std::map<std::string, std::string> env;
};

// The directories named `kernels` to look in, the first hit wins: JUPYTER_PATH, the user's data
// directory, /usr/local/share/jupyter, /usr/share/jupyter.
std::vector<std::filesystem::path> kernelSearchPath();

// In order of their names, without repetitions.
std::vector<std::string> listKernels(const std::vector<std::filesystem::path>& search_path);

// Kernel names are case-insensitive and at most letters, digits, '.', '-' and '_'.
tl::expected<KernelSpec, Error> findKernel(const std::string& name,
                                           const std::vector<std::filesystem::path>& search_path);

}  // namespace glaux::plugins
