#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "journal/error.h"

namespace glaux::journal {

// Why a store could not do what it was asked to: `cause` is its own words, to which the caller adds
// what was attempted (errorFrom in status.h).
struct StoreFailure {
  Error::Kind kind;  // kCorrupt, kDiskFull or kIo
  std::string cause;
};

// What the log of a journal is kept in: three families of rows, ordered bytewise by their keys
// (FORMAT.md says what is in them). It knows nothing of records.
//
// Any thread may read; writes come from one thread at a time.
class LogStore {
 public:
  enum class Family { kRecords, kBlobs, kSnapshots };

  // Rows on their way into the store. Takes a copy of what it is given, the only one on the way to
  // the disk.
  class Batch {
   public:
    virtual ~Batch() = default;
    virtual void put(Family family, std::string_view key, std::string_view value) = 0;
  };

  // Walks over the records in the order of their keys. Used by one thread; does not outlive the
  // store. Whether it sees what is written after its creation is not said.
  class Cursor {
   public:
    virtual ~Cursor() = default;
    // To the first row whose key is not less than `key`; to the last of all.
    virtual void seek(std::string_view key) = 0;
    virtual void seekToLast() = 0;
    // Only on a row.
    virtual void next() = 0;
    // Whether it is on a row. If not: it went past the end, or there is a failure().
    virtual bool valid() const = 0;
    // Of the row it is on, until it moves.
    virtual std::string_view key() const = 0;
    virtual std::string_view value() const = 0;
    // A cursor that has met a failure may go on reporting it elsewhere: take a new one.
    virtual std::optional<StoreFailure> failure() const = 0;
  };

  enum class Sync {
    kNow,    // durable, with every batch before it, when write() returns
    kLater,  // survives the end of the process, and a power failure only by luck
  };

  // What a cursor is for.
  enum class Reading { kOneRow, kOnceThrough };

  // Called with bytes that are valid during the call only.
  using ValueVisitor = std::function<void(std::string_view value)>;

  virtual ~LogStore() = default;

  // Where it is, for messages.
  virtual std::string name() const = 0;

  // Calls `visit` with the value, if there is one. Whether there is.
  [[nodiscard]] virtual tl::expected<bool, StoreFailure> get(Family family, std::string_view key,
                                                             const ValueVisitor& visit) const = 0;
  // Whether get() would find a value and could read it.
  [[nodiscard]] virtual bool contains(Family family, std::string_view key) const = 0;
  [[nodiscard]] virtual std::unique_ptr<Cursor> records(Reading reading) const = 0;

  // An empty batch that expects about so many bytes.
  [[nodiscard]] virtual std::unique_ptr<Batch> newBatch(std::size_t bytes) = 0;
  // Writes the whole batch or nothing of it, whatever happens meanwhile. After a failure nobody
  // knows which, until the store is opened again; every later write fails, too.
  [[nodiscard]] virtual tl::expected<void, StoreFailure> write(std::unique_ptr<Batch> batch,
                                                               Sync sync) = 0;

  // See Journal::memoryBytes().
  virtual std::size_t memoryBytes() const = 0;
};

}  // namespace glaux::journal
