import { LocalExecutor } from "../../pipeline/core/local-executor.ts";
import { executorSuite } from "./executor.suite.ts";

await executorSuite("local, one at a time", () => new LocalExecutor(1), /SIGKILL/);
await executorSuite("local, two at a time", () => new LocalExecutor(2), /SIGKILL/);
