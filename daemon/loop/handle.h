#pragma once

#include <memory>

namespace glaux::daemon {

/// A libuv handle with the function it calls, both in one heap block. Only uv_handle.h knows what
/// is inside, so that the headers of this folder do not need <uv.h>.
template <class Uv, class... Args>
struct UvBody;

/// Stops and closes a handle; its memory, and the function with what it captured, live until libuv
/// calls back in a later turn. A handle may therefore be destroyed from within its own callback.
struct UvClose {
  template <class Uv, class... Args>
  void operator()(UvBody<Uv, Args...>* body) const noexcept;
};

/// The one owner of a libuv handle. After it is gone the handle's function is not called again.
template <class Uv, class... Args>
using UvHandle = std::unique_ptr<UvBody<Uv, Args...>, UvClose>;

}  // namespace glaux::daemon
