/**
 * Load @xenova/transformers, which takes a third of a second, on first use. Its own file cache is off: a model
 * cached under a directory's name would be taken instead of that directory, and an interrupted download would
 * leave half a file there. HF_ENDPOINT names a mirror of the hub; HF_TOKEN is read by the library.
 */
export async function importTransformers(): Promise<typeof import("@xenova/transformers")> {
  const transformers = await import("@xenova/transformers");
  transformers.env.useFSCache = false;
  const endpoint = process.env["HF_ENDPOINT"] ?? "";
  if (endpoint !== "") transformers.env.remoteHost = endpoint.replace(/\/*$/, "/");
  return transformers;
}
