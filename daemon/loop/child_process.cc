#include "daemon/loop/child_process.h"

#include <linux/close_range.h>
#include <unistd.h>

#include <algorithm>

#include "daemon/loop/loop.h"
#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {
namespace {

/// The null-terminated array of C strings that exec takes. Valid as long as `strings`.
std::vector<char*> pointersTo(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) pointers.push_back(const_cast<char*>(string.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// libuv's table of descriptors, indexed by the number the child sees; gaps stay closed, or become
/// /dev/null for 0, 1 and 2.
std::vector<uv_stdio_container_t> stdioTable(
    const std::vector<ChildOptions::InheritedFd>& inherited) {
  int highest = 2;
  for (const auto& fd : inherited) highest = std::max(highest, fd.child_fd);
  uv_stdio_container_t ignored{};
  ignored.flags = UV_IGNORE;
  std::vector<uv_stdio_container_t> table(static_cast<std::size_t>(highest) + 1, ignored);
  for (const auto& fd : inherited) {
    auto& entry = table[static_cast<std::size_t>(fd.child_fd)];
    entry.flags = UV_INHERIT_FD;
    entry.data.fd = fd.parent_fd;
  }
  return table;
}

}  // namespace

tl::expected<std::unique_ptr<ChildProcess>, Error> ChildProcess::spawn(
    Loop& loop, const ChildOptions& options, std::function<void(ChildExit)> on_exit) {
  std::vector<std::string> argv{options.executable};
  argv.insert(argv.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> argv_pointers = pointersTo(argv);
  std::vector<char*> environment;
  if (options.environment) environment = pointersTo(*options.environment);
  std::vector<uv_stdio_container_t> stdio = stdioTable(options.inherited);

  uv_process_options_t uv_options{};
  uv_options.file = options.executable.c_str();
  uv_options.args = argv_pointers.data();
  uv_options.env = options.environment ? environment.data() : nullptr;
  uv_options.cwd = options.working_directory.empty() ? nullptr : options.working_directory.c_str();
  uv_options.flags = options.own_session ? UV_PROCESS_DETACHED : 0;
  uv_options.stdio = stdio.data();
  uv_options.stdio_count = static_cast<int>(stdio.size());

  using Body = UvBody<uv_process_t, std::int64_t, int>;
  uv_options.exit_cb = Body::call;
  // What the daemon itself inherited from whoever started it may lack the flag.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  int result = 0;
  // uv_spawn initialises the handle, which then has to be closed, even when it fails.
  Handle handle = makeUvHandle<uv_process_t, std::int64_t, int>(
      "uv_spawn",
      [on_exit = std::move(on_exit)](std::int64_t code, int signal) {
        on_exit(ChildExit{code, signal});
      },
      [&](uv_process_t* process) {
        result = uv_spawn(loop.uv(), process, &uv_options);
        return 0;
      });
  if (result < 0) {
    return tl::unexpected(Error{"cannot start " + options.executable + ": " + uv_strerror(result)});
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(handle)));
}

ChildProcess::ChildProcess(Handle handle) : handle_(std::move(handle)) {}
ChildProcess::~ChildProcess() = default;

int ChildProcess::pid() const { return uv_process_get_pid(&handle_->uv); }

bool ChildProcess::kill(int signal_number) {
  return uv_process_kill(&handle_->uv, signal_number) == 0;
}

}  // namespace glaux::daemon
