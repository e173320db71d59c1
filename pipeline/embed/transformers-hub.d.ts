/** The download helper of @xenova/transformers, which its types leave out. */
declare module "@xenova/transformers/src/utils/hub.js" {
  /** The bytes of one file of a hub model. */
  export function getModelFile(model: string, file: string): Promise<Uint8Array>;
}
