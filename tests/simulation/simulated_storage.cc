#include "tests/simulation/simulated_storage.h"

#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include "journal/status.h"
#include "tests/simulation/simulated_log.h"
#include "tests/simulation/simulated_state.h"
#include "tests/simulation/simulated_tables.h"

namespace glaux::simulation {
namespace {

using journal::Access;
using journal::Error;
using journal::StoreFailure;

class SimulatedStorage : public journal::Storage, private OfMount {
 public:
  SimulatedStorage(std::shared_ptr<SimulatedDisk::State> disk, std::uint64_t mount)
      : Storage("/simulated"), OfMount(std::move(disk), mount) {}

  tl::expected<std::unique_ptr<Lock>, Error> lock() override;
  tl::expected<std::optional<std::string>, Error> readFile(File file) const override;
  tl::expected<void, Error> replaceFile(File file, std::string_view content) override;
  LogPresence logPresence() const override {
    return disk().log_exists ? LogPresence::kPresent : LogPresence::kAbsent;
  }
  tl::expected<std::unique_ptr<journal::LogStore>, Error> openLog(
      Access access, std::optional<std::string>* torn_tail) override;
  tl::expected<std::unique_ptr<journal::Tables>, Error> openTables(
      Access access, const std::vector<std::string>& names,
      std::optional<std::string>* reset) override;

 private:
  // Why nothing can be written now.
  std::optional<StoreFailure> refusal() const {
    if (!alive()) return machineIsOff();
    if (disk().full) return noSpace();
    return std::nullopt;
  }
};

class SimulatedLock : public journal::Storage::Lock, private OfMount {
 public:
  using OfMount::OfMount;
  ~SimulatedLock() override {
    if (alive()) disk().locked = false;
  }
};

tl::unexpected<Error> failedTo(std::string_view verb, const std::filesystem::path& path,
                               const StoreFailure& failure) {
  return tl::unexpected(journal::errorFrom(failure, std::string(verb) + " " + path.string()));
}

tl::expected<std::unique_ptr<journal::Storage::Lock>, Error> SimulatedStorage::lock() {
  if (const auto failure = refusal()) return failedTo("locking", directory(), *failure);
  if (disk().locked) {
    return tl::unexpected(
        Error{Error::Kind::kLocked, "state directory " + directory().string() + " is in use"});
  }
  disk().at("lock: before it is taken");
  disk().locked = true;
  auto lock = std::make_unique<SimulatedLock>(disk_, mount_);
  disk().at("lock: behind its taking");
  return lock;
}

tl::expected<std::optional<std::string>, Error> SimulatedStorage::readFile(File file) const {
  if (!alive()) return failedTo("reading", pathOf(file), machineIsOff());
  return disk().file(file);
}

tl::expected<void, Error> SimulatedStorage::replaceFile(File file, std::string_view content) {
  const bool is_head = file == File::kHead;
  if (const auto failure = refusal()) return failedTo("writing", pathOf(file), *failure);
  disk().at(is_head ? "HEAD: before its replacement" : "FORMAT: before its replacement");
  const bool fails = std::exchange(disk().fail_next_sync, false);
  if (fails && disk().random.chance(50)) return failedTo("writing", pathOf(file), failedSync());
  disk().replacing = {file, std::exchange(disk().file(file), std::string(content))};
  disk().at(is_head ? "HEAD: amid its replacement" : "FORMAT: amid its replacement");
  disk().replacing.reset();
  if (fails) return failedTo("syncing", pathOf(file).parent_path(), failedSync());
  disk().at(is_head ? "HEAD: behind its replacement" : "FORMAT: behind its replacement");
  return {};
}

tl::expected<std::unique_ptr<journal::LogStore>, Error> SimulatedStorage::openLog(
    Access access, std::optional<std::string>* torn_tail) {
  const bool writes = access == Access::kReadWrite;
  if (!alive()) return failedTo("opening", logPath(), machineIsOff());
  if (!writes && !disk().log_exists) {
    return failedTo("opening", logPath(), {Error::Kind::kIo, "it does not exist"});
  }
  if (writes) {
    if (const auto failure = refusal()) return failedTo("opening", logPath(), *failure);
    disk().at("log: before its opening");
    disk().log_exists = true;
    disk().log_failure.reset();
    disk().log.recover(disk().random);
    if (std::exchange(disk().log_torn, false)) *torn_tail = "the end of a simulated WAL is torn";
    disk().at("log: behind its opening");
  }
  return std::make_unique<SimulatedLog>(disk_, mount_, logPath().string());
}

tl::expected<std::unique_ptr<journal::Tables>, Error> SimulatedStorage::openTables(
    Access access, const std::vector<std::string>& names, std::optional<std::string>* reset) {
  if (!alive()) return failedTo("opening", tablesPath(), machineIsOff());
  if (access == Access::kReadOnly) {
    if (disk().tables_damaged) {
      return failedTo("opening", tablesPath(), journal::corruption("simulated damage"));
    }
  } else {
    if (const auto failure = refusal()) return failedTo("opening", tablesPath(), *failure);
    disk().at("tables: before their opening");
    disk().tables_failure.reset();
    disk().tables.settle();
    if (std::exchange(disk().tables_damaged, false)) {
      disk().tables.reset();
      *reset = "opening " + tablesPath().string() + ": simulated damage";
    }
    disk().tables.keepOnly(names);
    disk().at("tables: behind their opening");
  }
  return std::make_unique<SimulatedTables>(disk_, mount_, access, tablesPath());
}

}  // namespace

void SimulatedDisk::State::at(const char* point) {
  if (!hook) return;
  try {
    hook(point);
  } catch (...) {
    mount_alive = false;
    throw;
  }
}

SimulatedDisk::SimulatedDisk(Random random) : state_(std::make_shared<State>(random)) {}

SimulatedDisk::~SimulatedDisk() { powerOff(); }

std::unique_ptr<journal::Storage> SimulatedDisk::mount() {
  crash();
  ++state_->latest_mount;
  state_->mount_alive = true;
  return std::make_unique<SimulatedStorage>(state_, state_->latest_mount);
}

void SimulatedDisk::setHook(Hook hook) { state_->hook = std::move(hook); }

void SimulatedDisk::powerOff() { state_->mount_alive = false; }

void SimulatedDisk::crash() {
  State& disk = *state_;
  powerOff();
  disk.locked = false;
  if (disk.replacing && disk.random.chance(50)) {
    disk.file(disk.replacing->file) = std::move(disk.replacing->before);
  }
  disk.replacing.reset();
  // The cut may fall between two batches, or into one.
  if (disk.log.crash(disk.random)) disk.log_torn = disk.random.chance(50);
  disk.log_failure.reset();
  disk.tables.crash(disk.random);
  disk.tables_failure.reset();
}

void SimulatedDisk::fill() { state_->full = true; }
void SimulatedDisk::empty() { state_->full = false; }
bool SimulatedDisk::full() const { return state_->full; }
void SimulatedDisk::failNextSync() { state_->fail_next_sync = true; }

namespace {

std::string withFlippedBit(std::string value, std::uint64_t bit) {
  bit %= 8 * value.size();
  value[bit / 8] = static_cast<char>(value[bit / 8] ^ 1 << bit % 8);
  return value;
}

}  // namespace

bool SimulatedDisk::flipBit(Family family, std::string_view key, std::uint64_t bit) {
  const LogRows::Row* row = state_->log.find(family, key);
  if (row == nullptr || row->value.empty()) return false;
  state_->log.damage(family, key, LogRows::Row{withFlippedBit(row->value, bit), row->unreadable});
  return true;
}

bool SimulatedDisk::flipBit(File file, std::uint64_t bit) {
  State::Content& content = state_->file(file);
  if (!content || content->empty()) return false;
  const std::string damaged = withFlippedBit(*content, bit);
  state_->file_damages.push_back({file, std::exchange(content, damaged), damaged});
  return true;
}

std::optional<std::string> SimulatedDisk::flipAnyBit(Family family) {
  const LogRows::Rows& rows = state_->log.of(family);
  if (rows.empty()) return std::nullopt;
  const auto place = static_cast<std::ptrdiff_t>(state_->random.below(rows.size()));
  const std::string key = std::next(rows.begin(), place)->first;
  if (!flipBit(family, key, state_->random.next())) return std::nullopt;
  return key;
}

bool SimulatedDisk::makeUnreadable(Family family, std::string_view key) {
  const LogRows::Row* row = state_->log.find(family, key);
  if (row == nullptr) return false;
  state_->log.damage(family, key, LogRows::Row{row->value, true});
  return true;
}

bool SimulatedDisk::remove(Family family, std::string_view key) {
  if (state_->log.find(family, key) == nullptr) return false;
  state_->log.damage(family, key, std::nullopt);
  return true;
}

bool SimulatedDisk::remove(File file) {
  State::Content& content = state_->file(file);
  if (!content) return false;
  state_->file_damages.push_back({file, std::exchange(content, std::nullopt), std::nullopt});
  return true;
}

void SimulatedDisk::damageTables() { state_->tables_damaged = true; }

bool SimulatedDisk::loseTail(std::size_t batches) { return state_->log.loseTail(batches); }

void SimulatedDisk::repair() {
  state_->log.repair();
  auto& damages = state_->file_damages;
  for (; !damages.empty(); damages.pop_back()) {
    State::FileDamage& damage = damages.back();
    State::Content& content = state_->file(damage.file);
    if (content == damage.damaged) content = std::move(damage.sound);
  }
}

std::optional<std::string> SimulatedDisk::read(File file) const { return state_->file(file); }

std::optional<std::string> SimulatedDisk::read(Family family, std::string_view key) const {
  const LogRows::Row* row = state_->log.find(family, key);
  if (row == nullptr) return std::nullopt;
  return row->value;
}

std::size_t SimulatedDisk::rows(Family family) const { return state_->log.of(family).size(); }
std::size_t SimulatedDisk::unsettledLogBatches() const { return state_->log.unsettled(); }
std::size_t SimulatedDisk::unsettledTableBatches() const { return state_->tables.unsettled(); }

}  // namespace glaux::simulation
