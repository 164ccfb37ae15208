// Writes what node's test runner saw as JSON lines: {name, passed, seconds, failure}. Its own
// formats differ from one version of node to the next.

import { inspect } from "node:util";

export default async function* reporter(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const result = {
      name: data.name,
      passed: type === "test:pass",
      seconds: data.details.duration_ms / 1000,
    };
    if (!result.passed) {
      const error = data.details.error;
      result.failure = inspect(error.cause ?? error, { depth: 6 });
    }
    yield JSON.stringify(result) + "\n";
  }
}
