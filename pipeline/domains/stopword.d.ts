/** The package ships no types; this is the part of it that is used. */
declare module "stopword" {
  /** English stop words, lowercase. */
  export const eng: readonly string[];
}
