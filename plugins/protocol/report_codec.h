#pragma once

#include "plugins/protocol/executor.capnp.h"
#include "plugins/protocol/reports.h"

// Between the reports of executor.capnp and their plain values. Included by those who speak Cap'n
// Proto only.
namespace glaux::plugins {

void writeReport(const Report& report, protocol::Report::Builder to);

// What a later version says is read as executor.capnp has it, section Versions.
Report readReport(protocol::Report::Reader from);

}  // namespace glaux::plugins
