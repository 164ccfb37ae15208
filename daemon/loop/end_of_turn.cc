#include "daemon/loop/end_of_turn.h"

#include "daemon/loop/loop.h"
#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {

EndOfTurn::EndOfTurn(Loop& loop, std::function<void()> work)
    : idle_(makeUvHandle<uv_idle_t>(
          "uv_idle_init", [] {}, [&](uv_idle_t* idle) { return uv_idle_init(loop.uv(), idle); })),
      prepare_(makeUvHandle<uv_prepare_t>(
          "uv_prepare_init",
          [this, work = std::move(work)] {
            unrequest();
            work();
          },
          [&](uv_prepare_t* prepare) { return uv_prepare_init(loop.uv(), prepare); })) {}

EndOfTurn::~EndOfTurn() = default;

void EndOfTurn::request() {
  if (requested_) return;
  requested_ = true;
  uv_idle_start(&idle_->uv, idle_->call);
  uv_prepare_start(&prepare_->uv, prepare_->call);
}

void EndOfTurn::unrequest() {
  requested_ = false;
  uv_idle_stop(&idle_->uv);
  uv_prepare_stop(&prepare_->uv);
}

}  // namespace glaux::daemon
