// Appends to a journal as fast as it can until it is killed, and writes every sequence that becomes
// durable to standard output, as eight bytes of this machine's. See crash_test.cc.
//
// A program and not a forked child, because RocksDB's threads do not survive a fork.

#include <unistd.h>

#include "tests/unit/journal/victim.h"

int main(int, char** arguments) {
  using namespace glaux::journal;
  Options options;
  options.directory = arguments[1];
  options.tables = kVictimTables;
  options.on_durable = [](const Durable& durable) {
    if (durable.failure) ::_exit(3);
    const ssize_t written = ::write(STDOUT_FILENO, &durable.through, sizeof durable.through);
    if (written != sizeof durable.through) ::_exit(4);
  };
  auto journal = Journal::open(options);
  if (!journal) return 2;
  for (;;) {
    const Sequence next = (*journal)->lastSequence() + 1;
    (*journal)->append(victimDraft(next));
    TableBatch batch;
    batch.put("rows", std::to_string(next), "");
    batch.put("meta", "checkpoint", std::to_string(next));
    if (!(*journal)->tables().write(batch)) return 5;
    if (next % 500 == 0 && !(*journal)->tables().flush()) return 6;
    while ((*journal)->pendingBytes() > 100'000) ::usleep(100);
  }
}
