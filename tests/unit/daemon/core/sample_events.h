#pragma once

#include <string>
#include <vector>

#include "daemon/core/event_codec.h"

// Values for the tests of the codecs. The files in golden/ hold them as they were first written, so
// they do not change; a new event, or a new shape of one, gets a sample of its own.
namespace glaux::core {

struct SampleRecord {
  std::string name;  // of its golden file
  RecordBody body;
  // Of an older shape, which is still read, and written in today's.
  bool is_older = false;
};

// One record for each event, every member with a value, then records of the other kinds.
std::vector<SampleRecord> sampleRecords();

}  // namespace glaux::core
