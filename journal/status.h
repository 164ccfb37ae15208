#pragma once

#include <string>
#include <string_view>

#include "journal/error.h"
#include "journal/log_store.h"

namespace rocksdb {
class Status;
}

namespace glaux::journal {

// The Error for a failure of a store. `doing` begins the message and names what was attempted on
// what: "writing to the journal in /var/lib/glaux/journal".
Error errorFrom(const StoreFailure& failure, std::string_view doing);

// The same for a RocksDB status that is not ok.
StoreFailure failureFrom(const rocksdb::Status& status);
Error errorFrom(const rocksdb::Status& status, std::string_view doing);

// The failure for something that a store returned and that is not what was put into it.
StoreFailure corruption(std::string_view detail);

// The Error for `error_number` (an errno) of a system call on files of ours.
Error errorFromErrno(int error_number, std::string_view doing);

}  // namespace glaux::journal
