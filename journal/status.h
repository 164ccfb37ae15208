#pragma once

#include <string>
#include <string_view>

#include "journal/error.h"

namespace rocksdb {
class Status;
}

namespace glaux::journal {

// The Error for a RocksDB status that is not ok. `doing` begins the message and names what was
// attempted on what: "writing to the journal in /var/lib/glaux/journal".
Error errorFrom(const rocksdb::Status& status, std::string_view doing);

// The Error for `error_number` (an errno) of a system call on files of ours.
Error errorFromErrno(int error_number, std::string_view doing);

}  // namespace glaux::journal
