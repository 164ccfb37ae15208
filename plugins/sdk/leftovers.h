#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <string>

// For executors whose code may start processes of its own: an end that reaches those, too.
namespace glaux::plugins {

// Kills every process of the session but this one, also what has detached itself from its parents:
// by the label (process_label.h). Done when there is none.
kj::Promise<void> endLeftovers(const std::string& session_id, kj::Timer& timer);

// Leaves a child that sees the end of this process, however it comes, and then runs its
// executable's verb `cleanup`: the parent-death signal reaches what the executor has started, and
// not what that has started in turn. Call it in the session directory, before anything runs.
void leaveGuard();

}  // namespace glaux::plugins
