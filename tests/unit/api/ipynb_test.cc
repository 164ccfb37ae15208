#include "api/ipynb.h"

#include <gtest/gtest.h>

namespace glaux::api {
namespace {

std::string notebook(const std::string& cells, int minor = 4) {
  return R"({"nbformat":4,"nbformat_minor":)" + std::to_string(minor) +
         R"(,"metadata":{},"cells":[)" + cells + "]}";
}

std::string code(const std::string& outputs) {
  return R"({"cell_type":"code","metadata":{},"source":["a\n","b"],"execution_count":null,)"
         R"("outputs":[)" +
         outputs + "]}";
}

TEST(Ipynb, WhatJupyterWritesIsANotebook) {
  const std::string outputs =
      R"({"output_type":"stream","name":"stdout","text":"x"},)"
      R"({"output_type":"display_data","data":{"image/png":"aGk="},"metadata":{}},)"
      R"({"output_type":"execute_result","data":{"text/plain":["1"]},"metadata":{},)"
      R"("execution_count":3},)"
      R"({"output_type":"error","ename":"E","evalue":"v","traceback":["t"]})";
  const std::string markdown = R"({"cell_type":"markdown","metadata":{},"source":"# 🦉"})";
  const std::string raw = R"({"cell_type":"raw","metadata":{},"source":""})";
  for (const std::string& text :
       {std::string(emptyIpynb()), notebook(""), notebook(code(outputs)),
        notebook(markdown + "," + code("") + "," + raw),
        notebook(R"({"id":"a-1_B","cell_type":"raw","metadata":{},"source":""})", 5)}) {
    const auto checked = checkIpynb(text);
    EXPECT_TRUE(checked) << checked.error() << "\n" << text;
  }
}

TEST(Ipynb, WhatIsWrongIsNamedByItsPlace) {
  const std::string raw = R"("cell_type":"raw","metadata":{},"source":"")";
  const std::pair<std::string, std::string> cases[] = {
      {"", "it is not JSON (at byte 1)"},
      {R"({"nbformat":4,)", "it is not JSON (at byte 15)"},
      {"[]", "it is not a JSON object"},
      {"{}", "nbformat is missing"},
      {R"({"nbformat":"4"})", "nbformat is not an integer"},
      {R"({"nbformat":4,"metadata":{},"cells":[]})", "nbformat_minor is missing"},
      {R"({"nbformat":3,"nbformat_minor":0,"metadata":{},"worksheets":[]})", "nbformat is 3"},
      {R"({"nbformat":4,"nbformat_minor":4,"cells":[]})", "metadata is missing"},
      {R"({"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":{}})", "cells is not a list"},
      {notebook("1"), "cells[0] is not an object"},
      {notebook("{" + raw + R"(},{"metadata":{},"source":""})"), "cells[1].cell_type is missing"},
      {notebook(R"({"cell_type":"raw","source":""})"), "cells[0].metadata is missing"},
      {notebook(R"({"cell_type":"raw","metadata":{},"source":1})"),
       "cells[0].source is neither a string nor a list of strings"},
      {notebook(R"({"cell_type":"raw","metadata":{},"source":[1]})"),
       "cells[0].source holds something else than strings"},
      {notebook(R"({"cell_type":"heading","metadata":{},"source":""})"),
       "cells[0].cell_type is none of code, markdown and raw"},
      {notebook(R"({"cell_type":"code","metadata":{},"source":"","outputs":[]})"),
       "cells[0].execution_count is missing"},
      {notebook(R"({"cell_type":"code","metadata":{},"source":"","execution_count":1})"),
       "cells[0].outputs is missing"},
      {notebook(code(R"({"output_type":"stream","name":"stdout"})")),
       "cells[0].outputs[0].text is missing"},
      {notebook(code(R"({"output_type":"pyout"})")),
       "cells[0].outputs[0].output_type is none of stream, display_data, execute_result and error"},
      {notebook("{" + raw + "}", 5), "cells[0].id is missing"},
      {notebook(R"({"id":"a b",)" + raw + "}", 5),
       "cells[0].id is not 1 to 64 letters, digits, '-' and '_'"},
      {notebook(R"({"id":"a",)" + raw + R"(},{"id":"a",)" + raw + "}", 5),
       "cells[1].id is another cell's, too"},
  };
  for (const auto& [text, expected] : cases) {
    const auto checked = checkIpynb(text);
    ASSERT_FALSE(checked) << text;
    EXPECT_EQ(checked.error(), expected) << text;
  }
}

TEST(Ipynb, HostileNestingEndsInAnError) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(checkIpynb(deep).error(), "it is nested deeper than 200");
}

}  // namespace
}  // namespace glaux::api
