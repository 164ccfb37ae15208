#include "journal/log_reader.h"

#include <memory>
#include <utility>
#include <vector>

#include "journal/slice.h"
#include "journal/snapshots.h"
#include "journal/status.h"

namespace glaux::journal {
namespace {

Problem::Kind problemKind(DecodeFailure::Kind kind) {
  switch (kind) {
    case DecodeFailure::Kind::kUndecodable:
      return Problem::Kind::kUndecodable;
    case DecodeFailure::Kind::kNewerFormat:
      return Problem::Kind::kNewerFormat;
    case DecodeFailure::Kind::kBadHash:
      return Problem::Kind::kBadHash;
  }
  return Problem::Kind::kUndecodable;
}

// One pass over the records `next_` to `last_`.
class Replay {
 public:
  Replay(const Database& log, Sequence from, Sequence last, const Visitor& visit,
         Reporter& reporter)
      : log_(log),
        last_(last),
        visit_(visit),
        reporter_(reporter),
        end_{ReplayEnd::Reason::kEndOfJournal, from, 0, 0} {}

  // The status is not ok if the environment failed.
  rocksdb::Status run() {
    seek(end_.next);
    while (end_.next <= last_) {
      const Scan scan = row_->Valid() ? passRow() : passGap();
      if (!failure_.ok()) return failure_;
      if (scan == Scan::kStop) break;
    }
    return rocksdb::Status::OK();
  }

  const ReplayEnd& end() const { return end_; }

 private:
  // Always with a new iterator: one that has met damage may go on reporting it elsewhere.
  void seek(Sequence sequence) {
    row_.reset(log_.db().NewIterator(scanOptions(), log_.family(kRecordsFamily)));
    row_->Seek(encodeSequence(sequence));
  }

  Scan passRow() {
    const auto sequence = decodeSequence(view(row_->key()));
    if (!sequence) {
      row_->Next();
      return report({Problem::Kind::kUndecodable, end_.next, end_.next,
                     "before it is a key of " + std::to_string(row_->key().size()) + " bytes"},
                    end_.next);
    }
    if (*sequence > end_.next) {
      const Sequence before = std::min(*sequence - 1, last_);
      return report({Problem::Kind::kMissing, end_.next, before, ""}, before + 1);
    }
    const auto record = decodeRecord(*sequence, view(row_->value()));
    if (!record) {
      const Problem problem{problemKind(record.error().kind), *sequence, *sequence,
                            record.error().detail};
      row_->Next();
      return report(problem, *sequence + 1);
    }
    ++end_.records;
    ++end_.next;
    const Scan scan = visit_(*record);
    if (scan == Scan::kStop) end_.reason = ReplayEnd::Reason::kVisitor;
    row_->Next();
    return scan;
  }

  // The iterator ended before the last record: nothing more is there, or a file is damaged.
  Scan passGap() {
    const rocksdb::Status status = row_->status();
    if (status.ok()) return report({Problem::Kind::kMissing, end_.next, last_, ""}, last_ + 1);
    if (!status.IsCorruption()) {
      failure_ = status;
      return Scan::kStop;
    }
    const Sequence readable = firstReadable();
    return report({Problem::Kind::kUnreadable, end_.next, readable - 1, status.ToString()},
                  readable);
  }

  // The first sequence after end_.next from which the iterator can go on, or last_ + 1. Damage
  // makes a whole block unreadable, so: double the step until one is found, then halve the
  // interval.
  Sequence firstReadable() {
    Sequence damaged = end_.next;
    Sequence step = 1;
    while (damaged + step <= last_ && !readableAt(damaged + step)) {
      damaged += step;
      step *= 2;
    }
    Sequence readable = std::min(damaged + step, last_ + 1);
    while (readable - damaged > 1) {
      const Sequence middle = damaged + (readable - damaged) / 2;
      (readableAt(middle) ? readable : damaged) = middle;
    }
    seek(readable);
    return readable;
  }

  bool readableAt(Sequence sequence) {
    seek(sequence);
    return row_->Valid();
  }

  Scan report(const Problem& problem, Sequence next) {
    ++end_.problems;
    const Scan scan = reporter_.report(problem);
    if (scan == Scan::kStop) {
      end_.reason = ReplayEnd::Reason::kReporter;
    } else {
      end_.next = next;
    }
    return scan;
  }

  const Database& log_;
  const Sequence last_;
  const Visitor& visit_;
  Reporter& reporter_;
  std::unique_ptr<rocksdb::Iterator> row_;
  rocksdb::Status failure_;
  ReplayEnd end_;
};

}  // namespace

Error LogReader::error(const rocksdb::Status& status, const std::string& what) const {
  return errorFrom(status, "reading " + what + " from " + log_.db().GetName());
}

tl::expected<Sequence, Error> LogReader::lastSequence() const {
  const std::unique_ptr<rocksdb::Iterator> row(
      log_.db().NewIterator(rocksdb::ReadOptions(), log_.family(kRecordsFamily)));
  row->SeekToLast();
  if (!row->status().ok()) return tl::unexpected(error(row->status(), "the last record"));
  if (!row->Valid()) return 0;
  const auto sequence = decodeSequence(view(row->key()));
  if (!sequence) {
    return tl::unexpected(
        error(rocksdb::Status::Corruption("its key is no sequence"), "the last record"));
  }
  return *sequence;
}

tl::expected<std::optional<OwnedRecord>, Error> LogReader::read(Sequence sequence) const {
  const std::string what = "record " + std::to_string(sequence);
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = log_.db().Get(rocksdb::ReadOptions(), log_.family(kRecordsFamily),
                                               encodeSequence(sequence), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return tl::unexpected(error(status, what));
  const auto record = decodeRecord(sequence, view(value));
  if (!record) {
    return tl::unexpected(error(rocksdb::Status::Corruption(record.error().detail), what));
  }
  return OwnedRecord(*record);
}

tl::expected<std::optional<std::string>, Error> LogReader::readBlob(const Hash& digest) const {
  const std::string what = "blob " + digest.hex();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  std::string bytes;
  const rocksdb::Status status =
      log_.db().Get(options, log_.family(kBlobsFamily), slice(digest.view()), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return tl::unexpected(error(status, what));
  if (sha256(bytes) != digest) {
    return tl::unexpected(
        error(rocksdb::Status::Corruption("its bytes do not have that digest"), what));
  }
  return bytes;
}

tl::expected<ReplayEnd, Error> LogReader::replay(Sequence from, Sequence last, const Visitor& visit,
                                                 Reporter& reporter) const {
  Replay replay(log_, std::max<Sequence>(from, 1), last, visit, reporter);
  const rocksdb::Status status = replay.run();
  if (!status.ok()) {
    return tl::unexpected(error(status, "record " + std::to_string(replay.end().next)));
  }
  return replay.end();
}

tl::expected<std::optional<Snapshot>, Error> LogReader::latestSnapshot(Reporter& reporter) const {
  std::optional<Snapshot> latest;
  for (const char* slot : kSnapshotSlots) {
    SlotContent content = readSlot(log_, slot);
    if (!content.damage.empty()) {
      reporter.report({Problem::Kind::kDamagedSnapshot, 0, 0, content.damage});
    }
    if (!content.stored) continue;
    Snapshot& snapshot = content.stored->snapshot;
    if (latest && latest->through > snapshot.through) continue;
    const auto record = read(snapshot.through);
    if (record && *record && (*record)->leaf_hash == content.stored->leaf_hash) {
      latest = std::move(snapshot);
    } else {
      reporter.report({Problem::Kind::kDamagedSnapshot, snapshot.through, snapshot.through,
                       "the journal does not have the record it ends with"});
    }
  }
  return latest;
}

}  // namespace glaux::journal
