// bench_journal generate DIRECTORY RECORDS TAIL
// bench_journal replay DIRECTORY
//
// `generate` makes a state directory whose journal has about RECORDS records of a daemon's everyday
// life, through the daemon's own engine, and views up to date; without a snapshot in it. What the
// state was TAIL records before the end is put beside it, in DIRECTORY.snapshot.
//
// `replay` measures how fast the daemon's own restore() goes through that journal from its first
// record: reading alone, rebuilding the state, then state and views; then stores the snapshot, so
// that a daemon that starts there has TAIL records to replay.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "daemon/clock.h"
#include "daemon/core/state_codec.h"
#include "daemon/engine.h"
#include "daemon/entropy.h"
#include "daemon/projections/views.h"
#include "daemon/recovery.h"
#include "journal/journal.h"
#include "tests/bench/journal_history.h"

namespace {

using namespace glaux;
namespace fs = std::filesystem;

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "bench_journal: %s\n", what.c_str());
  std::exit(1);
}

constexpr std::size_t kCommandsPerCommit = 1000;

fs::path snapshotFile(const fs::path& directory) { return directory.string() + ".snapshot"; }

std::unique_ptr<journal::Journal> openJournal(
    const fs::path& directory, std::function<void(const journal::Durable&)> on_durable) {
  journal::Options options;
  options.directory = directory;
  options.commit = journal::Commit::kManual;
  options.tables = daemon::Views::tableNames();
  options.on_durable = std::move(on_durable);
  daemon::SystemEntropy().fill(options.new_journal_id);
  auto opened = journal::Journal::open(std::move(options));
  if (!opened) die(opened.error().message);
  return std::move(*opened);
}

void commit(journal::Journal& journal) {
  if (auto committed = journal.commitPending(); !committed) die(committed.error().message);
}

void close(journal::Journal& journal) {
  if (auto closed = journal.close(); !closed) die(closed.error().message);
}

// ---- generate

void saveSnapshot(const core::State& state, const fs::path& file) {
  std::ofstream out(file, std::ios::binary);
  out << state.sequence << '\n' << core::encodeState(state);
  if (!out.flush()) die("cannot write " + file.string());
}

void generate(const fs::path& directory, std::uint64_t records, std::uint64_t tail) {
  if (fs::exists(directory)) die(directory.string() + " exists");
  daemon::SystemClock clock;
  daemon::SystemEntropy entropy;
  std::optional<daemon::Engine> engine;
  auto log = openJournal(directory, [&](const journal::Durable& news) { engine->onDurable(news); });
  daemon::Views views(log->tables());
  if (auto opened = views.open(0); !opened) die(opened.error().message);
  daemon::Engine::Settings settings;
  settings.snapshot_records = UINT64_MAX;
  engine.emplace(daemon::Engine::Edges{clock, entropy, *log, views, [](const core::Effect&) {},
                                       [](const journal::Error& error) { die(error.message); }},
                 settings, core::State{}, core::Timestamp{}, 0);
  engine->recordFirstEvents();
  bool is_saved = false;
  bench::submitHistory(*engine, records, [&] {
    if (engine->pending() >= kCommandsPerCommit) commit(*log);
    if (is_saved || engine->state().sequence + tail < records) return;
    saveSnapshot(engine->state(), snapshotFile(directory));
    is_saved = true;
  });
  commit(*log);
  close(*log);
  std::printf("{\"records\": %llu}\n", static_cast<unsigned long long>(engine->state().sequence));
}

// ---- replay

struct Replayed {
  std::uint64_t records;
  double seconds;
};

Replayed measureRestore(const fs::path& directory) {
  auto log = openJournal(directory, nullptr);
  daemon::Views views(log->tables());
  auto begin = std::chrono::steady_clock::now();
  auto restored = daemon::restore(*log, views, [](std::uint64_t, std::uint64_t) {});
  if (!restored) die(restored.error().message);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (restored->replayed != log->lastSequence()) die("not every record was replayed");
  close(*log);
  return {restored->replayed, took.count()};
}

void storeSnapshot(const fs::path& directory) {
  std::ifstream in(snapshotFile(directory), std::ios::binary);
  std::uint64_t through = 0;
  if (!(in >> through) || in.get() != '\n') die("there is no snapshot beside the journal");
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  auto log = openJournal(directory, nullptr);
  log->writeSnapshot(through, core::kStateCodecVersion, std::move(bytes));
  commit(*log);
  close(*log);
}

// Reads every record and checks its hash; what the journal itself costs.
Replayed measureScan(const fs::path& directory) {
  auto log = openJournal(directory, nullptr);
  journal::StopAtFirstProblem reporter;
  auto begin = std::chrono::steady_clock::now();
  auto end = log->replay(
      1, [](const journal::Record&) { return journal::Scan::kContinue; }, reporter);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (!end || reporter.problem()) die("the journal cannot be read to its end");
  close(*log);
  return {end->records, took.count()};
}

void replay(const fs::path& directory) {
  Replayed scan = measureScan(directory);
  Replayed state = measureRestore(directory);
  fs::remove_all(directory / "tables");
  Replayed both = measureRestore(directory);
  storeSnapshot(directory);
  std::printf(
      "{\"records\": %llu, \"scan_records_per_s\": %.0f, \"state_records_per_s\": %.0f, "
      "\"state_and_views_records_per_s\": "
      "%.0f}\n",
      static_cast<unsigned long long>(state.records),
      static_cast<double>(scan.records) / scan.seconds,
      static_cast<double>(state.records) / state.seconds,
      static_cast<double>(both.records) / both.seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "generate" && argc == 5) {
    generate(argv[2], std::strtoull(argv[3], nullptr, 10), std::strtoull(argv[4], nullptr, 10));
  } else if (verb == "replay" && argc == 3) {
    replay(argv[2]);
  } else {
    std::fputs(
        "usage: bench_journal generate DIRECTORY RECORDS TAIL\n"
        "       bench_journal replay DIRECTORY\n",
        stderr);
    return 2;
  }
}
