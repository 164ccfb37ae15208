#pragma once

#include <string>

namespace glaux::journal {

// A failure of the environment, as a value. `message` is written for the operator: it names the
// thing (file, directory, record) and the way out. What may be done next depends on `kind` only.
struct Error {
  enum class Kind {
    kLocked,             // another process holds the state directory
    kReadOnlyDirectory,  // the state directory cannot be written to
    kDiskFull,           // no space left; nothing acknowledged is lost, free space and start again
    kCorrupt,            // bytes on disk are not what was written, and not merely a torn tail
    kLostTail,           // records that were acknowledged are gone, or replaced by others
    kForeignJournal,     // HEAD and journal belong to different journals
    kNewerFormat,        // written by a later version; nothing was touched
    kNotFound,           // there is no journal here (read-only access never creates one)
    kIo,                 // any other failure of the file system
  };

  Kind kind;
  std::string message;
};

}  // namespace glaux::journal
