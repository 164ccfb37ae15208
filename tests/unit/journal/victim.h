#pragma once

#include <string>
#include <vector>

#include "journal/journal.h"

// What journal_victim writes, so that crash_test knows what to find.
namespace glaux::journal {

inline const std::vector<std::string> kVictimTables = {"meta", "rows"};

inline std::string victimPayload(Sequence sequence) {
  return std::to_string(sequence) + std::string(sequence % 2000, '.');
}

inline std::string victimBlob(Sequence sequence) { return std::to_string(sequence) + " blob"; }

// Every tenth record has a blob.
inline Draft victimDraft(Sequence sequence) {
  Draft draft;
  draft.payload = victimPayload(sequence);
  if (sequence % 10 == 0) draft.blobs = {makeBlob(victimBlob(sequence))};
  return draft;
}

}  // namespace glaux::journal
