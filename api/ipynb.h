// The notebook format, nbformat 4 (the Jupyter project's specification, "The Notebook file
// format").
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace glaux::api {

// Whether the text is a notebook that Jupyter would open: the structure of nbformat 4 up to its
// outputs. What is inside metadata and MIME bundles is its author's. The error names the place:
// "cells[3].outputs[0].output_type is missing".
tl::expected<void, std::string> checkIpynb(std::string_view text);

// A notebook without cells, as CreateNotebook makes it.
std::string_view emptyIpynb();

}  // namespace glaux::api
