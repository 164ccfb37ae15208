#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "daemon/loop/async.h"
#include "journal/journal.h"

namespace glaux::daemon {

// Brings the journal's news from its writer thread to the loop. News that pile up become one: the
// latest sequence says it all.
class DurableInbox {
 public:
  using Receive = std::function<void(const journal::Durable&)>;

  // `receive` is called on the loop's thread.
  DurableInbox(Loop& loop, Receive receive)
      : receive_(std::move(receive)), wakeup_(loop, [this] { deliver(); }) {}

  // Any thread.
  void post(const journal::Durable& news) {
    {
      std::lock_guard lock(mutex_);
      if (!news_) news_.emplace();
      news_->through = news.through;
      if (news.failure) news_->failure = news.failure;
    }
    wakeup_.wake();
  }

 private:
  void deliver() {
    std::optional<journal::Durable> news;
    {
      std::lock_guard lock(mutex_);
      news.swap(news_);
    }
    if (news) receive_(*news);
  }

  Receive receive_;
  std::mutex mutex_;
  std::optional<journal::Durable> news_;
  Async wakeup_;
};

}  // namespace glaux::daemon
