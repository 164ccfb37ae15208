#include "journal/storage.h"

namespace glaux::journal {

Error missingRoot(const std::filesystem::path& missing) {
  return {Error::Kind::kCorrupt, missing.string() +
                                     " is missing, though the directory holds data; "
                                     "restore the directory from a backup"};
}

}  // namespace glaux::journal
