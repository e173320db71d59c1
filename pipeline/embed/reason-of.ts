/** What an error of a library says, with what caused it: "fetch failed: connect ECONNREFUSED 127.0.0.1:80". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && cause.message !== "" ? `${message}: ${cause.message}` : message;
}
