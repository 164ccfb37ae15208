#include "plugins/mock/mock_executor.h"
#include "plugins/sdk/executor_main.h"

int main(int argc, char** argv) {
  using namespace glaux::plugins;
  return executorMain(argc, argv,
                      {[] {
                         return ExecutorDescription{"mock", true, {}};
                       },
                       [](const Tools& tools) { return kj::heap<MockExecutor>(tools); }});
}
