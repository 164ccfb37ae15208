#pragma once

#include <string>
#include <vector>

// What a check of the contract is made of.
namespace glaux::plugins::check {

class Trial;

// One sentence of executor.capnp, and the function that finds out whether an executor keeps it. It
// returns if it does, and throws `Failed` or `Skipped` if not. Cases share nothing: each has its
// own process and its own sessions.
struct Case {
  std::string name;
  void (*run)(Trial& trial);
  bool needs_machine = false;  // runs beside no other, whose timeouts would suffer
};

// Cases of one subject. A case is known to users as `group/name`.
struct Group {
  std::string name;
  std::vector<Case> cases;
};

// Every group, in the order of a session's life.
std::vector<Group> allGroups();

Group commandLineCases();
Group bootstrapCases();
Group handshakeCases();
Group describeCases();
Group startCases();
Group runCases();
Group reportCases();
Group outputCases();
Group interruptCases();
Group endCases();
Group usageCases();
Group kernelDeathCases();
Group leaseCases();
Group crashCases();
Group resumeCases();
Group freezeCases();
Group leakCases();

}  // namespace glaux::plugins::check
