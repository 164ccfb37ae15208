// bench_storage DIRECTORY SECONDS
//
// What the disk and RocksDB give by themselves, and what the journal makes of it, on an empty
// DIRECTORY: the time of one fdatasync, records a second in synced batches of 64 written straight
// to a database with the journal's options, and the same records through the Journal.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <rocksdb/write_batch.h>

#include "journal/database.h"
#include "journal/journal.h"

namespace {

namespace fs = std::filesystem;
namespace journal = glaux::journal;
using Clock = std::chrono::steady_clock;

constexpr int kBatchRecords = 64;
constexpr std::size_t kRecordBytes = 300;

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "bench_storage: %s\n", what.c_str());
  std::exit(1);
}

double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Calls `batch` again and again for `seconds`; the records it wrote a second.
double recordsPerSecond(double seconds, const std::function<void()>& batch) {
  auto begin = Clock::now();
  std::uint64_t batches = 0;
  for (; secondsSince(begin) < seconds; ++batches) batch();
  return static_cast<double>(batches * kBatchRecords) / secondsSince(begin);
}

// The median of appending 4 KiB to a file and syncing it.
double fsyncMs(const fs::path& file, double seconds) {
  int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) die("cannot create " + file.string());
  const std::string page(4096, 'x');
  std::vector<double> times;
  for (auto begin = Clock::now(); secondsSince(begin) < seconds;) {
    auto began = Clock::now();
    if (::write(fd, page.data(), page.size()) < 0 || ::fdatasync(fd) != 0) die("fdatasync failed");
    times.push_back(secondsSince(began) * 1000);
  }
  ::close(fd);
  std::ranges::nth_element(times, times.begin() + static_cast<long>(times.size() / 2));
  return times[times.size() / 2];
}

double rawRate(const fs::path& directory, double seconds) {
  std::optional<std::string> torn_tail;
  auto log = journal::openLog({directory}, &torn_tail);
  if (!log) die(log.error().message);
  rocksdb::ColumnFamilyHandle* records = (*log)->family(journal::kRecordsFamily);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::string value(kRecordBytes + journal::kRecordOverheadBytes, 'r');
  journal::Sequence sequence = 0;
  return recordsPerSecond(seconds, [&] {
    rocksdb::WriteBatch batch;
    for (int i = 0; i < kBatchRecords; ++i)
      batch.Put(records, journal::encodeSequence(++sequence), value).PermitUncheckedError();
    if (auto status = (*log)->db().Write(synced, &batch); !status.ok()) die(status.ToString());
  });
}

// Appends a batch, waits until it is durable, appends the next: the raw loop, with the journal's
// writer thread and hashes in between.
double journalRate(const fs::path& directory, double seconds) {
  std::mutex mutex;
  std::condition_variable news;
  journal::Sequence durable = 0;
  journal::Options options;
  options.directory = directory;
  options.on_durable = [&](const journal::Durable& durably) {
    if (durably.failure) die(durably.failure->message);
    const std::lock_guard lock(mutex);
    durable = durably.through;
    news.notify_one();
  };
  auto log = journal::Journal::open(std::move(options));
  if (!log) die(log.error().message);
  const std::string payload(kRecordBytes, 'r');
  return recordsPerSecond(seconds, [&] {
    journal::Sequence last = 0;
    for (int i = 0; i < kBatchRecords; ++i)
      last = (*log)->append({.time_ms = 1, .kind = 1, .version = 1, .payload = payload});
    std::unique_lock lock(mutex);
    news.wait(lock, [&] { return durable >= last; });
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: bench_storage DIRECTORY SECONDS\n", stderr);
    return 2;
  }
  const fs::path directory = argv[1];
  const double seconds = std::atof(argv[2]);
  fs::create_directories(directory);
  double fsync = fsyncMs(directory / "page", seconds);
  double raw = rawRate(directory / "raw", seconds);
  double through_journal = journalRate(directory / "state", seconds);
  std::printf(
      "{\"fsync_ms\": %.3f, \"raw_records_per_s\": %.0f, \"journal_records_per_s\": %.0f}\n", fsync,
      raw, through_journal);
}
