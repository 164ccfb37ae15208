#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

// How the processes of a session are found when nobody is left who started them: by a variable of
// the environment they began with, which their own children inherit.
namespace glaux::plugins {

// What runs code has this variable in its environment. Its value is the session's id.
inline constexpr const char* kLabelVariable = "GLAUX_SESSION_ID";

// Running processes that carry the session's label. If one of them belongs to the process session
// `leader`, so do the others in there: as long as one member lives, no stranger gets that number.
// Those others are answered alone while there are any, so that nobody ends their witness first.
std::vector<pid_t> findLeftovers(std::string_view session_id, pid_t leader);

// Running members of a process session, its leader excepted.
std::vector<pid_t> membersOf(pid_t leader);

// Signals the process if, now that it is held and its number can pass to no other, it still is what
// it is taken for.
void signalIf(pid_t pid, int signal, const std::function<bool()>& is_still_the_one);

}  // namespace glaux::plugins
