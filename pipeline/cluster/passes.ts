import { BlockCache, cacheParts } from "./block-cache.ts";
import type { CodeKernels } from "./code-kernels.ts";
import { CodedAssigner } from "./coded-assigner.ts";
import { type Engine, type Int8Engine, type Int8EngineShape, type Nearest, openExactInt8 } from "./engine.ts";
import type { Changes, Job } from "./job.ts";
import type { CodedPass, PassReply, PassRequest } from "./pass-messages.ts";
import { openCodeKernels, openKernels } from "./open-kernels.ts";
import type { RowKernels } from "./row-kernels.ts";
import { SampleScorer } from "./sample-scorer.ts";

/** Every so many blocks of a coarse pass, from the first on, the exact labels are found too. */
const compareEvery = 100;

/** What a thread computes with. */
export interface Arithmetic {
  readonly engine: Engine;
  /** Opened by the first eight-bit pass. */
  readonly openInt8: (shape: Int8EngineShape) => Promise<Int8Engine>;
  /** Of the kernels; without it, they are plain. */
  readonly kernelModule: WebAssembly.Module | undefined;
}

/** What eight-bit codes are worked on with. */
interface Coded {
  /** Of centroids, for which its products are exact. */
  readonly largestCode: number;
  readonly kernels: CodeKernels;
  readonly assigner: CodedAssigner;
}

/** Does one thread's share of every pass: in a worker thread, or in the main thread for small inputs. */
export class PassWorker {
  readonly #job: Job;
  readonly #engine: Engine;
  readonly #openInt8: Arithmetic["openInt8"];
  readonly #kernelModule: WebAssembly.Module | undefined;
  readonly #kernels: RowKernels;
  readonly #changes: Changes;
  readonly #cache: BlockCache;
  /** This thread is number `index` of `of`. */
  readonly #index: number;
  readonly #of: number;
  #coded: Coded | undefined;
  #scorer: SampleScorer | undefined;

  constructor(
    job: Job,
    { engine, openInt8, kernelModule }: Arithmetic,
    changes: Changes,
    index: number,
    of: number,
  ) {
    this.#job = job;
    this.#engine = engine;
    this.#openInt8 = openInt8;
    this.#kernelModule = kernelModule;
    this.#changes = changes;
    const { dim } = job.points;
    this.#kernels = openKernels(kernelModule, {
      dim,
      clusters: job.clusters,
      parts: cacheParts(job, index, of),
    });
    this.#cache = new BlockCache(job, index, of, this.#kernels);
    this.#index = index;
    this.#of = of;
  }

  async run(request: PassRequest): Promise<PassReply> {
    const reply = {
      firstBadRow: Infinity,
      largest: 0,
      largestOffset: 0,
      largestCode: Infinity,
      moved: 0,
      compared: 0,
      agreed: 0,
      listed: 0,
    };
    const job = this.#job;
    switch (request.pass) {
      case "inspect":
        this.#kernels.loadOrigin(job.origin);
        await this.#eachBlock((block, first, rows) => {
          reply.firstBadRow = Math.min(reply.firstBadRow, this.#inspect(block, first, rows));
        });
        reply.largest = this.#kernels.largest.value;
        reply.largestOffset = this.#kernels.largest.offset;
        if (job.coded !== undefined) {
          reply.largestCode = (await this.#openCoded(job.coded.columns)).largestCode;
        }
        break;
      case "assign": {
        const { rounder, fresh, coded } = request;
        this.#scorer = undefined;
        this.#kernels.sums.fill(0);
        this.#changes.counts.fill(0);
        this.#engine.load(job.centred, job.biases);
        const nearest = coded === undefined ? this.#byProducts() : await this.#byCodes(coded, reply);
        await this.#eachBlock(async (block, first, rows) => {
          const found = await nearest(block, rows);
          reply.moved += this.#book(found, block, first, rows, rounder, fresh);
        });
        this.#changes.sums.set(this.#kernels.sums);
        break;
      }
      case "measure":
        this.#kernels.loadCentroids(job.centroids);
        await this.#eachBlock((block, first, rows) => this.#measure(block, first, rows));
        break;
      case "take-sample":
        this.#scorer = new SampleScorer(request.sample, this.#engine, job.blockRows, this.#index, this.#of);
        break;
      case "score-sample":
        await this.#scorer?.score();
        break;
    }
    return reply;
  }

  async close(): Promise<void> {
    this.#cache.close();
    await this.#coded?.assigner.close();
  }

  /** Finds the labels of a block by the float32 product. */
  #byProducts(): (block: number, rows: number) => Promise<Nearest> {
    return async (block, rows) => {
      await this.#engine.nearest(this.#cache.points(block), rows);
      return this.#engine;
    };
  }

  /** Finds the labels of a block by its codes, or by the product where those do not serve. */
  async #byCodes(
    { quantum, largestCode, labels }: CodedPass,
    reply: { compared: number; agreed: number; listed: number },
  ): Promise<(block: number, rows: number) => Promise<Nearest>> {
    const { coded, centroids, origin } = this.#job;
    if (coded === undefined) throw new RangeError("the job was made without eight-bit centroids");
    const { assigner, kernels } = await this.#openCoded(coded.columns, largestCode);
    const byProducts = this.#byProducts();
    if (!assigner.load(coded, centroids)) return byProducts;
    kernels.loadOrigin(origin, quantum);
    return async (block, rows) => {
      const codes = this.#cache.codes(block, kernels);
      if (labels === "exact") {
        const { listed, done } = await assigner.exact(codes, this.#cache.points(block), rows);
        reply.listed += listed;
        return done ? assigner : byProducts(block, rows);
      }
      await assigner.coarse(codes, rows);
      if (block % compareEvery === 0) {
        reply.compared += rows;
        reply.agreed += countEqual(assigner.labels, (await byProducts(block, rows)).labels, rows);
      }
      return assigner;
    };
  }

  /** @param least code of centroids for which products have to be exact */
  async #openCoded(columns: number, least = 0): Promise<Coded> {
    const open = this.#coded;
    if (open !== undefined && open.largestCode >= least) return open;
    await open?.assigner.close();
    const { clusters, blockRows, points } = this.#job;
    const { dim } = points;
    const kernels = openCodeKernels(this.#kernelModule, { dim, columns, blockRows });
    const shape = { dim, columns, sums: kernels.sums };
    const { engine, largestCode } = await openExactInt8(this.#openInt8, shape, least);
    const assigner = new CodedAssigner(engine, kernels, this.#kernels, { dim, clusters, blockRows });
    this.#coded = { largestCode, kernels, assigner };
    return this.#coded;
  }

  /**
   * Take over the block's labels and add up rows where they go, and take them away where they were.
   *
   * @returns the number of rows that moved
   */
  #book(
    { labels }: Nearest,
    block: number,
    first: number,
    rows: number,
    rounder: number,
    fresh: boolean,
  ): number {
    const { assignments, points } = this.#job;
    const { counts } = this.#changes;
    const { dim } = points;
    let moved = 0;
    for (let i = 0; i < rows; i++) if (labels[i] !== assignments[first + i]) moved++;
    if (moved === 0 && !fresh) return 0;
    // Reading a few rows alone is cheaper than reading the block again, if it is not kept.
    const whole = fresh || moved * 8 > rows ? this.#cache.points(block) : undefined;
    for (let i = 0; i < rows; i++) {
      const label = labels[i]!;
      const before = assignments[first + i]!;
      if (label === before && !fresh) continue;
      const row = whole ?? this.#cache.row(block, i);
      const at = whole === undefined ? 0 : i * dim;
      assignments[first + i] = label;
      counts[label]! += 1;
      if (fresh) {
        this.#kernels.add(label, row, at, rounder);
      } else {
        counts[before]! -= 1;
        this.#kernels.move(before, label, row, at, rounder);
      }
    }
    return moved;
  }

  /** The lowest row with a value that is not finite, or Infinity; the block's sum is that of |x - origin|^2. */
  #inspect(block: number, first: number, rows: number): number {
    const { points, blockSums } = this.#job;
    const data = this.#cache.points(block);
    let firstBadRow = Infinity;
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      // No square of a finite float32 overflows, so that this is finite exactly where all values are.
      const squared = this.#kernels.inspect(data, i * points.dim);
      if (!Number.isFinite(squared) && firstBadRow === Infinity) firstBadRow = first + i;
      sum += squared;
    }
    blockSums[block] = sum;
    return firstBadRow;
  }

  /** Distance of each row to its own centroid, in float64 from the values themselves; the block's sum is their squares'. */
  #measure(block: number, first: number, rows: number): void {
    const { points, assignments, distances, blockSums } = this.#job;
    const data = this.#cache.points(block);
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      const squared = this.#kernels.distance(data, i * points.dim, assignments[first + i]!);
      distances[first + i] = Math.sqrt(squared);
      sum += squared;
    }
    blockSums[block] = sum;
  }

  /**
   * Blocks go to whoever is free, each thread beginning with its own stretch: no result depends on which
   * thread did which.
   */
  async #eachBlock(
    work: (block: number, first: number, rows: number) => void | Promise<void>,
  ): Promise<void> {
    const { control, claims, blocks, blockRows, points } = this.#job;
    const pass = Atomics.load(control, 0);
    for (let step = 0; step < blocks; step++) {
      const block = (this.#cache.firstBlock + step) % blocks;
      if (Atomics.exchange(claims, block, pass) === pass) continue;
      if (Atomics.load(control, 1) === 1) return;
      const first = block * blockRows;
      await work(block, first, Math.min(blockRows, points.rows - first));
    }
  }
}

function countEqual(a: Uint32Array, b: Uint32Array, count: number): number {
  let equal = 0;
  for (let i = 0; i < count; i++) if (a[i] === b[i]) equal++;
  return equal;
}
