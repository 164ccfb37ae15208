#include "tests/simulation/simulated_rows.h"

#include <algorithm>
#include <cstdlib>

namespace glaux::simulation {
namespace {

// How many synced batches a lying disk can lose.
constexpr std::size_t kLosableBatches = 64;
// Tables that are never flushed are flushed by themselves when so many batches have gathered.
constexpr std::size_t kBufferedBatches = 256;
// How likely a flush under way is finished by the next write.
constexpr unsigned kFlushFinishesPercent = 20;

}  // namespace

const LogRows::Row* LogRows::find(Family family, std::string_view key) const {
  const auto found = of(family).find(key);
  return found == of(family).end() ? nullptr : &found->second;
}

void LogRows::write(Changes changes) {
  Undo undo;
  undo.reserve(changes.size());
  for (Change& change : changes) {
    auto before = exchange(change.family, change.key, Row{std::move(change.value)});
    undo.push_back({change.family, std::move(change.key), std::move(before)});
  }
  unsettled_.push_back(std::move(undo));
}

void LogRows::settle() {
  for (Undo& undo : unsettled_) settled_.push_back(std::move(undo));
  unsettled_.clear();
  while (settled_.size() > kLosableBatches) settled_.pop_front();
}

void LogRows::recover(Random& random) {
  Changes in_doubt = std::exchange(in_doubt_, {});
  if (!in_doubt.empty() && random.chance(50)) write(std::move(in_doubt));
  settle();
}

bool LogRows::crash(Random& random) {
  const Changes in_doubt = std::exchange(in_doubt_, {});
  const std::size_t written = unsettled_.size();
  const std::size_t batches = written + (in_doubt.empty() ? 0 : 1);
  if (batches == 0) return false;
  const std::size_t kept = random.below(batches + 1);
  if (kept > written) write(in_doubt);
  while (unsettled_.size() > kept) {
    takeBack(std::move(unsettled_.back()));
    unsettled_.pop_back();
  }
  settle();
  return kept < batches;
}

void LogRows::damage(Family family, std::string_view key, std::optional<Row> damaged) {
  auto sound = exchange(family, key, damaged);
  damages_.push_back({family, std::string(key), std::move(sound), std::move(damaged)});
}

bool LogRows::loseTail(std::size_t batches) {
  const bool any = batches > 0 && !settled_.empty();
  for (; batches > 0 && !settled_.empty(); --batches) {
    Undo undo = std::move(settled_.back());
    settled_.pop_back();
    for (auto before = undo.rbegin(); before != undo.rend(); ++before) {
      damage(before->family, before->key, std::move(before->row));
    }
  }
  return any;
}

void LogRows::repair() {
  for (; !damages_.empty(); damages_.pop_back()) {
    Damage& damage = damages_.back();
    const Row* now = find(damage.family, damage.key);
    const bool as_left =
        damage.damaged ? now != nullptr && *now == *damage.damaged : now == nullptr;
    if (as_left) exchange(damage.family, damage.key, std::move(damage.sound));
  }
}

std::optional<LogRows::Row> LogRows::exchange(Family family, std::string_view key,
                                              std::optional<Row> row) {
  Rows& all = rows(family);
  // Records come in the order of their keys.
  const bool is_last = all.empty() || all.rbegin()->first < key;
  const auto found = is_last ? all.end() : all.find(key);
  if (found == all.end()) {
    if (row) all.emplace_hint(is_last ? all.end() : all.lower_bound(key), key, std::move(*row));
    return std::nullopt;
  }
  std::optional<Row> before = std::move(found->second);
  if (row) {
    found->second = std::move(*row);
  } else {
    all.erase(found);
  }
  return before;
}

void LogRows::takeBack(Undo undo) {
  for (auto before = undo.rbegin(); before != undo.rend(); ++before) {
    exchange(before->family, before->key, std::move(before->row));
  }
}

void TableRows::keepOnly(const std::vector<std::string>& names) {
  std::erase_if(tables_, [&](const auto& table) {
    return std::find(names.begin(), names.end(), table.first) == names.end();
  });
  for (const std::string& name : names) tables_.try_emplace(name);
}

const TableRows::Rows* TableRows::find(std::string_view table) const {
  const auto found = tables_.find(table);
  return found == tables_.end() ? nullptr : &found->second;
}

void TableRows::write(const journal::TableBatch& batch, Random& random) {
  using Verb = journal::TableBatch::Verb;
  if (requested_ > 0 && random.chance(kFlushFinishesPercent)) settleFirst(requested_);
  if (unsettled_.size() == kBufferedBatches) settleFirst(kBufferedBatches / 2);
  Undo undo;
  undo.reserve(batch.changes().size());
  for (const auto& change : batch.changes()) {
    Rows& table = tables_.find(change.table)->second;
    if (change.verb == Verb::kClear) {
      undo.push_back({&table, {}, std::nullopt, std::exchange(table, {})});
      continue;
    }
    const auto found = table.find(change.key);
    std::optional<std::string> before;
    if (found != table.end()) before = std::move(found->second);
    if (change.verb == Verb::kErase) {
      if (found != table.end()) table.erase(found);
    } else if (found != table.end()) {
      found->second = change.value;
    } else {
      table.emplace(change.key, change.value);
    }
    undo.push_back({&table, change.key, std::move(before), std::nullopt});
  }
  unsettled_.push_back(std::move(undo));
}

void TableRows::requestFlush() {
  if (requested_ > 0) settleFirst(requested_);
  requested_ = unsettled_.size();
}

void TableRows::settle() { settleFirst(unsettled_.size()); }

void TableRows::crash(Random& random) {
  if (unsettled_.empty()) return;
  const bool just_flushed = requested_ > 0 && random.chance(50);
  const std::size_t kept = just_flushed ? requested_ : random.below(unsettled_.size() + 1);
  while (unsettled_.size() > kept) {
    Undo& undo = unsettled_.back();
    for (auto before = undo.rbegin(); before != undo.rend(); ++before) {
      if (before->cleared) {
        *before->table = std::move(*before->cleared);
      } else if (before->value) {
        before->table->insert_or_assign(std::move(before->key), std::move(*before->value));
      } else {
        before->table->erase(before->key);
      }
    }
    unsettled_.pop_back();
  }
  requested_ = std::min(requested_, kept);
  settle();
}

void TableRows::settleFirst(std::size_t batches) {
  unsettled_.erase(unsettled_.begin(), unsettled_.begin() + static_cast<std::ptrdiff_t>(batches));
  requested_ -= std::min(requested_, batches);
}

}  // namespace glaux::simulation
