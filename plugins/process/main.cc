#include "plugins/kernel/kernel_spec.h"
#include "plugins/process/process_executor.h"
#include "plugins/sdk/executor_main.h"

int main(int argc, char** argv) {
  using namespace glaux::plugins;
  return executorMain(
      argc, argv,
      {[] {
         return ExecutorDescription{"process", true, listKernels(kernelSearchPath())};
       },
       [](const Tools& tools) { return kj::heap<ProcessExecutor>(tools); }, endRecordedKernel});
}
