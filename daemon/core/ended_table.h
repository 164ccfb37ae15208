#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "daemon/core/check.h"
#include "daemon/core/ids.h"

namespace glaux::core {

// How each thing of a kind ended, by its id: what is kept in memory of all that ever was, and hence
// made to be small. An open-addressing hash table of 17 bytes a slot, between 47 and 94 percent
// full: 18 to 37 bytes a thing. Things are added and looked up, never removed.
template <class IdType, class Outcome>
class EndedTable {
 public:
  // An id is added once.
  void emplace(const IdType& id, Outcome outcome) {
    if ((size_ + 1) * 16 > slots_.size() * 15) grow(slots_.empty() ? 16 : slots_.size() * 2);
    place({id.bytes, static_cast<std::uint8_t>(outcome)});
    ++size_;
  }

  std::optional<Outcome> find(const IdType& id) const {
    if (slots_.empty()) return std::nullopt;
    const Slot& slot = slots_[positionOf(id.bytes)];
    if (slot.outcome == kEmpty) return std::nullopt;
    return static_cast<Outcome>(slot.outcome);
  }

  bool contains(const IdType& id) const { return find(id).has_value(); }
  std::size_t size() const { return size_; }

  void reserve(std::size_t things) {
    std::size_t slots = 16;
    while (things * 16 > slots * 15) slots *= 2;
    if (slots > slots_.size()) grow(slots);
  }

  // visit(id, outcome), in no order that means anything.
  template <class Visit>
  void forEach(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.outcome != kEmpty) visit(IdType{slot.id}, static_cast<Outcome>(slot.outcome));
    }
  }

  // The same things with the same outcomes.
  bool operator==(const EndedTable& other) const {
    if (size_ != other.size_) return false;
    for (const Slot& slot : slots_) {
      if (slot.outcome == kEmpty) continue;
      if (other.find(IdType{slot.id}) != static_cast<Outcome>(slot.outcome)) return false;
    }
    return true;
  }

 private:
  static constexpr std::uint8_t kEmpty = 0xFF;

  struct Slot {
    IdBytes id{};
    std::uint8_t outcome = kEmpty;
  };
  static_assert(sizeof(Slot) == 17);

  // Of the id, or of the empty slot where it would be. Ids are random, but journals may hold
  // others.
  std::size_t positionOf(const IdBytes& id) const {
    std::uint64_t low, high;
    std::memcpy(&low, id.data(), sizeof low);
    std::memcpy(&high, id.data() + sizeof low, sizeof high);
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = ((low ^ high) * 0x9E3779B97F4A7C15U >> 20) & mask;
    while (slots_[at].outcome != kEmpty && slots_[at].id != id) at = (at + 1) & mask;
    return at;
  }

  void place(const Slot& slot) {
    Slot& to = slots_[positionOf(slot.id)];
    check(to.outcome == kEmpty, "a thing ends once");
    to = slot;
  }

  void grow(std::size_t slots) {
    std::vector<Slot> smaller(slots);
    smaller.swap(slots_);
    for (const Slot& slot : smaller) {
      if (slot.outcome != kEmpty) place(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two, or none
  std::size_t size_ = 0;
};

}  // namespace glaux::core
