/** The library's public face: what a program that embeds CLIMB imports. Stages compose these. */
export * from "./core/errors.ts";
export { configJsonSchema, formatConfig, loadConfig } from "./core/load-config.ts";
export { type Artifact, openArtifact, verifyArtifact } from "./core/artifact.ts";
export type { Executor } from "./core/executor.ts";
export { LocalExecutor } from "./core/local-executor.ts";
export { type Environment, runStage, type Stage } from "./core/stage.ts";
export { Random } from "./math/random.ts";
export { kmeans } from "./cluster/kmeans.ts";
export { createEmbedder } from "./embed/create-embedder.ts";
export type { Embedder } from "./embed/embedder.ts";
export { createSampler } from "./mixture/sampler.ts";
export { createNgramProxy } from "./proxy/ngram/create-ngram-proxy.ts";
export type { Proxy, ProxyInput, ProxyResult } from "./proxy/proxy.ts";
export { chooseObjective } from "./predictor/choose.ts";
export type { FitPredictor, Predictor } from "./predictor/predictor.ts";
export { climbSearch } from "./search/climb-search.ts";
export { Manifest } from "./schema/manifest.ts";
export { ClimbConfig } from "./schema/config.ts";
