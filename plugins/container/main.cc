#include "plugins/container/container_executor.h"
#include "plugins/sdk/executor_main.h"

int main(int argc, char** argv) {
  using namespace glaux::plugins;
  return executorMain(
      argc, argv,
      {[] {
         return ExecutorDescription{"container", true, {}, /*can_resume=*/true};
       },
       [](const Tools& tools) { return kj::heap<ContainerExecutor>(tools); }, removeContainers});
}
