#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What /proc says. Zombies count as gone.
namespace glaux::plugins::check {

bool isRunning(pid_t pid);

// What carries GLAUX_SESSION_ID=<session id> in its environment.
std::vector<pid_t> labelledProcesses(std::string_view session_id);

// Members of the process session that this process leads, itself excepted.
std::vector<pid_t> membersOf(pid_t leader);

std::vector<pid_t> childrenOf(pid_t parent);

std::string commandLineOf(pid_t pid);
std::string environmentOf(pid_t pid);

// What its open descriptors are, such as "socket:[4711]"; empty if that cannot be read.
std::vector<std::string> descriptorsOf(pid_t pid);
std::string descriptorOf(pid_t pid, int fd);

// Processor time of the process and of its children that it has waited for.
std::chrono::milliseconds processorTimeOf(pid_t pid);

// Whether SIGSTOP has taken effect.
bool isStopped(pid_t pid);

}  // namespace glaux::plugins::check
