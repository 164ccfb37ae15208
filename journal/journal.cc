#include "journal/journal.h"

#include <utility>

#include "journal/committer.h"
#include "journal/identity.h"
#include "journal/log_reader.h"
#include "journal/require.h"
#include "journal/rocksdb_storage.h"
#include "journal/storage.h"

namespace glaux::journal {

using File = Storage::File;

// Members are destroyed from the last to the first: the lock goes when nothing is open any more.
struct Journal::Impl {
  Options options;
  std::unique_ptr<Storage> own_storage;  // null if Options brought one
  Storage* storage = nullptr;
  std::unique_ptr<Storage::Lock> lock;
  Identity identity;
  OpenReport report;
  std::unique_ptr<LogStore> log;
  std::unique_ptr<LogReader> reader;
  std::unique_ptr<Tables> tables;
  std::unique_ptr<Committer> committer;  // null under kReadOnly
  std::optional<Head> head;              // as found

  explicit Impl(Options of_this_opening);

  std::filesystem::path logPath() const { return storage->logPath(); }
  std::filesystem::path formatPath() const { return storage->pathOf(File::kFormat); }
  std::filesystem::path headPath() const { return storage->pathOf(File::kHead); }
  bool writable() const { return options.access == Access::kReadWrite; }

  tl::expected<void, Error> open();
  tl::expected<void, Error> takeDirectory();
  tl::expected<void, Error> identify();
  tl::expected<void, Error> create();
  tl::expected<void, Error> openLog();
  tl::expected<void, Error> checkHead();
  tl::expected<void, Error> openTables();
  tl::expected<void, Error> startWriting();
  tl::unexpected<Error> lostTail(std::string_view what) const;
  Committer& writer() const;
};

Journal::Impl::Impl(Options of_this_opening)
    : options(std::move(of_this_opening)), storage(options.storage) {
  if (storage != nullptr) return;
  own_storage = std::make_unique<RocksdbStorage>(options.directory, options.env);
  storage = own_storage.get();
}

tl::expected<void, Error> Journal::Impl::open() {
  using Step = tl::expected<void, Error> (Impl::*)();
  for (const Step step : {&Impl::takeDirectory, &Impl::identify, &Impl::openLog, &Impl::checkHead,
                          &Impl::openTables, &Impl::startWriting}) {
    if (auto done = (this->*step)(); !done) return done;
  }
  return {};
}

tl::expected<void, Error> Journal::Impl::takeDirectory() {
  if (!writable()) return {};
  auto taken = storage->lock();
  if (!taken) return tl::unexpected(std::move(taken.error()));
  lock = std::move(*taken);
  return {};
}

// Reads FORMAT and HEAD, which say whether this binary may go on, before the log is touched.
// HEAD is read before the log is: a running writer only ever makes the log go further than HEAD.
tl::expected<void, Error> Journal::Impl::identify() {
  auto head_text = storage->readFile(File::kHead);
  if (!head_text) return tl::unexpected(std::move(head_text.error()));
  if (*head_text) {
    auto decoded = decodeHead(**head_text, headPath());
    if (!decoded) return tl::unexpected(std::move(decoded.error()));
    head = *decoded;
    report.head_sequence = head->sequence;
  }
  auto format_text = storage->readFile(File::kFormat);
  if (!format_text) return tl::unexpected(std::move(format_text.error()));
  if (!*format_text) return create();

  auto decoded = decodeIdentity(**format_text, formatPath());
  if (!decoded) return tl::unexpected(std::move(decoded.error()));
  identity = *decoded;
  report.head_missing = !head;
  if (head && head->id != identity.id) {
    return tl::unexpected(Error{
        Error::Kind::kForeignJournal,
        headPath().string() + " belongs to journal " + toText(head->id) + ", but " +
            logPath().string() + " holds journal " + toText(identity.id) +
            "; put back the one that belongs here, or remove HEAD to go on with the journal"});
  }
  return {};
}

tl::expected<void, Error> Journal::Impl::create() {
  if (!writable()) {
    return tl::unexpected(
        Error{Error::Kind::kNotFound, "there is no journal in " + storage->directory().string() +
                                          ": " + formatPath().string() + " does not exist"});
  }
  if (head && head->sequence > 0) return lostTail("there is no journal");
  if (storage->logPresence() != Storage::LogPresence::kAbsent) {
    return tl::unexpected(missingRoot(formatPath()));
  }
  identity.id = options.new_journal_id;
  report.created = true;
  head.reset();
  return storage->replaceFile(File::kFormat, encodeIdentity(identity));
}

tl::expected<void, Error> Journal::Impl::openLog() {
  // Without a log, creation was interrupted behind FORMAT, or else:
  if (storage->logPresence() != Storage::LogPresence::kPresent && head && head->sequence > 0) {
    return lostTail("there is no database");
  }
  auto opened = storage->openLog(options.access, &report.torn_tail);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  log = std::move(*opened);
  reader = std::make_unique<LogReader>(*log);
  auto last = reader->lastSequence();
  if (!last) return tl::unexpected(std::move(last.error()));
  report.last_sequence = *last;
  return {};
}

tl::unexpected<Error> Journal::Impl::lostTail(std::string_view what) const {
  return tl::unexpected(
      Error{Error::Kind::kLostTail,
            "acknowledged records are lost: " + headPath().string() + " vouches for record " +
                std::to_string(head->sequence) + ", but " + std::string(what) + " in " +
                logPath().string() +
                ". Restore the journal directory from where it is complete; or, to accept the loss "
                "and go on from what is there, remove HEAD"});
}

tl::expected<void, Error> Journal::Impl::checkHead() {
  if (!head || head->sequence == 0) return {};
  auto check = [&]() -> tl::expected<void, Error> {
    if (report.last_sequence < head->sequence) {
      return lostTail("the last is record " + std::to_string(report.last_sequence));
    }
    auto record = reader->read(head->sequence);
    if (!record) return tl::unexpected(std::move(record.error()));
    if (!*record || (*record)->leaf_hash != head->leaf_hash) {
      return lostTail("another record has that number (the last is " +
                      std::to_string(report.last_sequence) + ")");
    }
    return {};
  };
  auto checked = check();
  if (checked || writable()) return checked;
  report.lost_tail = std::move(checked.error());
  return {};
}

tl::expected<void, Error> Journal::Impl::openTables() {
  if (options.tables.empty()) return {};
  auto opened = storage->openTables(options.access, options.tables, &report.tables_reset);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  tables = std::move(*opened);
  return {};
}

tl::expected<void, Error> Journal::Impl::startWriting() {
  if (!writable()) return {};
  Head current{identity.id, report.last_sequence, {}};
  if (current.sequence > 0) {
    auto last = reader->read(current.sequence);
    if (!last) return tl::unexpected(std::move(last.error()));
    current.leaf_hash = (*last)->leaf_hash;
  }
  if (head != current) {
    if (auto written = storage->replaceFile(File::kHead, encodeHead(current)); !written) {
      return written;
    }
  }
  committer =
      std::make_unique<Committer>(*storage, *log,
                                  Committer::Settings{options.head_interval, options.steady_ms,
                                                      options.max_group_bytes, options.on_durable},
                                  current);
  if (options.commit == Commit::kWriterThread) committer->start();
  return {};
}

Committer& Journal::Impl::writer() const {
  require(committer != nullptr, "writing to a journal that is read-only or closed");
  return *committer;
}

tl::expected<std::unique_ptr<Journal>, Error> Journal::open(Options options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto opened = impl->open(); !opened) return tl::unexpected(std::move(opened.error()));
  return std::unique_ptr<Journal>(new Journal(std::move(impl)));
}

Journal::Journal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Journal::~Journal() = default;

const OpenReport& Journal::openReport() const { return impl_->report; }
const JournalId& Journal::id() const { return impl_->identity.id; }

Sequence Journal::append(Draft draft) { return impl_->writer().append(std::move(draft)); }
std::size_t Journal::pendingBytes() const { return impl_->writer().pendingBytes(); }
std::size_t Journal::memoryBytes() const {
  return impl_->log->memoryBytes() + (impl_->tables ? impl_->tables->memoryBytes() : 0);
}
tl::expected<void, Error> Journal::commitPending() { return impl_->writer().commitPending(); }

void Journal::writeSnapshot(Sequence through, std::uint16_t version, std::string bytes) {
  impl_->writer().writeSnapshot({through, version, std::move(bytes)});
}

tl::expected<void, Error> Journal::close() {
  tl::expected<void, Error> closed;
  if (impl_->committer) closed = impl_->committer->close();
  impl_->committer.reset();
  impl_->tables.reset();
  impl_->reader.reset();
  impl_->log.reset();
  impl_->lock.reset();
  return closed;
}

Sequence Journal::lastSequence() const {
  return impl_->committer ? impl_->committer->lastSequence() : impl_->report.last_sequence;
}

Sequence Journal::durableSequence() const {
  return impl_->committer ? impl_->committer->durableSequence() : impl_->report.last_sequence;
}

tl::expected<std::optional<OwnedRecord>, Error> Journal::read(Sequence sequence) const {
  return impl_->reader->read(sequence);
}

tl::expected<std::optional<std::string>, Error> Journal::readBlob(const Hash& digest) const {
  return impl_->reader->readBlob(digest);
}

tl::expected<ReplayEnd, Error> Journal::replay(Sequence from, const Visitor& visit,
                                               Reporter& reporter) const {
  return impl_->reader->replay(from, durableSequence(), visit, reporter);
}

tl::expected<std::optional<Snapshot>, Error> Journal::latestSnapshot(Reporter& reporter) const {
  return impl_->reader->latestSnapshot(reporter);
}

Tables& Journal::tables() {
  require(impl_->tables != nullptr, "tables() of a journal opened without tables");
  return *impl_->tables;
}

}  // namespace glaux::journal
