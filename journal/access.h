#pragma once

namespace glaux::journal {

enum class Access {
  kReadWrite,
  // Sees the journal as it is at this moment, beside a running writer or without one. Takes no
  // lock, writes nothing, creates nothing. Sees what the writer has written, which may be more than
  // it has acknowledged, and of the tables only what has reached the disk.
  kReadOnly,
};

}  // namespace glaux::journal
