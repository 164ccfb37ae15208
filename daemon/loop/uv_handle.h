#pragma once

// Included by the sources of this folder only; its public headers get by with handle.h.

#include <uv.h>

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include "daemon/invariant.h"
#include "daemon/loop/handle.h"

namespace glaux::daemon {

template <class Uv, class... Args>
struct UvBody {
  /// First, so that libuv's pointer to the handle is also a pointer to the body.
  Uv uv;
  std::function<void(Args...)> callback;

  uv_handle_t* base() { return reinterpret_cast<uv_handle_t*>(&uv); }

  static UvBody* of(Uv* uv_handle) { return reinterpret_cast<UvBody*>(uv_handle); }

  /// The C callback of this kind of handle: calls `callback`.
  static void call(Uv* uv_handle, Args... args) { of(uv_handle)->callback(args...); }
};

template <class Uv, class... Args>
void UvClose::operator()(UvBody<Uv, Args...>* body) const noexcept {
  uv_close(body->base(), [](uv_handle_t* handle) {
    delete UvBody<Uv, Args...>::of(reinterpret_cast<Uv*>(handle));
  });
}

/// For calls that cannot fail but for a programming error or, in uv_async_init, a lack of
/// descriptors at start-up.
inline void requireUv(int result, std::string_view call) {
  if (result < 0) brokenInvariant(std::string(call) + ": " + uv_strerror(result));
}

/// Allocates a handle and has `initialise(Uv*)` register it with its loop. The caller gets the
/// handle only when that has succeeded: libuv must not close what it has not initialised.
template <class Uv, class... Args, class Initialise>
UvHandle<Uv, Args...> makeUvHandle(std::string_view call,
                                   std::type_identity_t<std::function<void(Args...)>> callback,
                                   Initialise initialise) {
  auto* body = new UvBody<Uv, Args...>{{}, std::move(callback)};
  requireUv(initialise(&body->uv), call);
  return UvHandle<Uv, Args...>(body);
}

}  // namespace glaux::daemon
