#include "journal/snapshots.h"

#include <utility>

#include "journal/byte_order.h"

namespace glaux::journal {
namespace {

constexpr char kSnapshotFormat = 1;

// Where things are in a stored snapshot. On disk: these numbers never change.
constexpr std::size_t kSnapshotFormatAt = 0;
constexpr std::size_t kSnapshotVersionAt = 1;
constexpr std::size_t kSnapshotThroughAt = 3;
constexpr std::size_t kSnapshotLeafAt = 11;
constexpr std::size_t kSnapshotBytesAt = kSnapshotLeafAt + sizeof(Hash::bytes);

// Sets snapshots apart from leaves (0x00) and nodes (0x01).
constexpr std::string_view kSnapshotPrefix("\x02", 1);

}  // namespace

std::string encodeSnapshot(const Snapshot& snapshot, const Hash& leaf_hash) {
  std::string value(1, kSnapshotFormat);
  value.reserve(kSnapshotBytesAt + snapshot.bytes.size() + sizeof(Hash::bytes));
  appendBigEndian(snapshot.version, &value);
  appendBigEndian(snapshot.through, &value);
  value.append(leaf_hash.view());
  value.append(snapshot.bytes);
  const Hash checksum = sha256({kSnapshotPrefix, value});
  value.append(checksum.view());
  return value;
}

tl::expected<StoredSnapshot, std::string> decodeSnapshot(std::string_view value) {
  const auto damaged = [](std::string why) { return tl::unexpected(std::move(why)); };
  if (value.size() < kSnapshotBytesAt + sizeof(Hash::bytes)) return damaged("it is too short");
  if (value[kSnapshotFormatAt] != kSnapshotFormat) return damaged("its format is not known");
  const std::string_view content = value.substr(0, value.size() - sizeof(Hash::bytes));
  if (sha256({kSnapshotPrefix, content}).view() != value.substr(content.size())) {
    return damaged("its checksum does not fit");
  }
  return StoredSnapshot{Snapshot{readBigEndian<Sequence>(value, kSnapshotThroughAt),
                                 readBigEndian<std::uint16_t>(value, kSnapshotVersionAt),
                                 std::string(content.substr(kSnapshotBytesAt))},
                        *Hash::fromBytes(content.substr(kSnapshotLeafAt, sizeof(Hash::bytes)))};
}

SlotContent readSlot(const LogStore& log, const char* slot) {
  SlotContent content;
  const auto found = log.get(LogStore::Family::kSnapshots, slot, [&](std::string_view value) {
    auto decoded = decodeSnapshot(value);
    if (decoded) {
      content.stored = std::move(*decoded);
    } else {
      content.damage = std::move(decoded.error());
    }
  });
  if (!found) content.damage = found.error().cause;
  return content;
}

const char* nextSlot(const LogStore& log) {
  const SlotContent first = readSlot(log, kSnapshotSlots[0]);
  if (!first.stored) return kSnapshotSlots[0];
  const SlotContent second = readSlot(log, kSnapshotSlots[1]);
  if (!second.stored) return kSnapshotSlots[1];
  const bool first_is_older = first.stored->snapshot.through <= second.stored->snapshot.through;
  return kSnapshotSlots[first_is_older ? 0 : 1];
}

}  // namespace glaux::journal
