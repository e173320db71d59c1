/** A process of the benchmark: `node search-worker.js PLAN I/N DEADLINE` does every N-th of the searches that are missing. */
import { doSearches, type SearchPlan } from "./traces.ts";

const [plan = "", part = "", deadline = ""] = process.argv.slice(2);
const [index = 0, of = 1] = part.split("/").map(Number);
await doSearches(JSON.parse(plan) as SearchPlan, index, of, Number(deadline));
