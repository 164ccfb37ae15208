#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "journal/log_store.h"
#include "journal/record.h"
#include "journal/storage.h"
#include "tests/simulation/random.h"

namespace glaux::simulation {

// A state directory in memory that outlives the daemons using it, and does to them what disks do.
//
//   SimulatedDisk disk(random.fork("disk"));
//   auto storage = disk.mount();                  // for one life of a daemon
//   options.storage = storage.get();
//   …                                             // SimulatedCrash flies out of the hook
//   disk.crash();                                 // settles what survived
//   (destroy the journal, then its storage; mount again)
//
// What survives a crash:
//
// - The log: every batch that was written with Sync::kNow and whose write returned. Of those after
//   it, a prefix that the seed chooses; a batch is there whole or not at all. If something was
//   dropped, the next opening may report a torn tail.
// - FORMAT and HEAD: what they were, or what they were being replaced with.
// - The tables: what they were after some batch at or after the last flush that is finished. A
//   flush is finished some time after flush() was called; the seed decides when.
//
// A mount is dead once its hook has thrown, its disk has crashed or lost power, or there is a newer
// mount: its writes change nothing and fail with kIo, it reads nothing, its hook is not called. So
// whatever destructors of the dying daemon attempt, happens nowhere.
//
// Costs of opening and crashing do not grow with what is stored. One thread.
class SimulatedDisk {
 public:
  using File = journal::Storage::File;
  using Family = journal::LogStore::Family;
  // Called before and after each effect on the disk, with its name ("log: before a synced write").
  // Whatever it throws passes through the journal, and leaves the mount dead.
  using Hook = std::function<void(const char* point)>;

  explicit SimulatedDisk(Random random);
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  // A storage for one life of a daemon. Its lock is free if the life before ended with a crash, or
  // gave it back. Does not outlive the disk.
  std::unique_ptr<journal::Storage> mount();
  void setHook(Hook hook);

  // --- Ends of lives ---

  // The mount is dead from here on; what survives is not settled yet.
  void powerOff();
  // powerOff(), and settles what survives. What has survived is durable.
  void crash();

  // --- Refusals ---

  // From now on what needs room fails with kDiskFull, until empty(). The log of the present mount
  // refuses all later writes, too: as RocksDB's, it wants to be opened again.
  void fill();
  void empty();
  bool full() const;
  // The next synced write (of the log or of a file) fails with kIo. What it wrote is there or not
  // after the end of this life.
  void failNextSync();

  // --- Damage. Each returns whether there was something to damage. ---

  // Flips a bit of a value (modulo its size).
  bool flipBit(Family family, std::string_view key, std::uint64_t bit);
  bool flipBit(File file, std::uint64_t bit);
  // Flips any bit of any value; the key of the value.
  std::optional<std::string> flipAnyBit(Family family);
  // A bad block: the row is there, and reading it fails with kCorrupt.
  bool makeUnreadable(Family family, std::string_view key);
  bool remove(Family family, std::string_view key);
  bool remove(File file);
  // The tables cannot be opened; the next opening begins them anew. Not repaired by repair().
  void damageTables();
  // A lying disk: the last `batches` synced batches never happened (of the last 64). The tables
  // keep what they have.
  bool loseTail(std::size_t batches);
  // Takes all damage back, the latest first. Rows that were written meanwhile stay as written.
  void repair();

  // --- Looking, past every mount and without a point ---

  std::optional<std::string> read(File file) const;
  std::optional<std::string> read(Family family, std::string_view key) const;
  std::size_t rows(Family family) const;
  // Batches of the log, and of the tables, whose fate a crash would decide now.
  std::size_t unsettledLogBatches() const;
  std::size_t unsettledTableBatches() const;

  struct State;  // known to the mounts

 private:
  std::shared_ptr<State> state_;
};

}  // namespace glaux::simulation
