import { InputError } from "../core/errors.ts";
import type { ProxyInput } from "./proxy.ts";

/** @throws InputError if a token is outside the vocabulary, or document ends or sizes do not fit the tokens. */
export function checkInput({ vocabularySize, domains, targets }: ProxyInput): void {
  for (const domain of domains) checkTokens(`domain ${domain.id}`, domain, vocabularySize);
  for (const target of targets) {
    const label = `target ${target.name}`;
    checkTokens(label, target, vocabularySize);
    if (target.documentBytes.length !== target.documentEnds.length) {
      throw new InputError(
        `${label}: documentBytes=${target.documentBytes.length} should be documentEnds=${target.documentEnds.length}`,
        staleHint,
      );
    }
    target.contextTokens?.forEach((context, d) => {
      const tokens = target.documentEnds[d]! - (d === 0 ? 0 : target.documentEnds[d - 1]!);
      if (context > tokens) {
        throw new InputError(
          `${label}: document ${d} has ${context} tokens of context in ${tokens}`,
          staleHint,
        );
      }
    });
  }
}

const staleHint = "the tokens were not written by this run's tokenizer; delete the artifact and run again";

function checkTokens(
  label: string,
  { tokens, documentEnds }: Pick<ProxyInput["domains"][number], "tokens" | "documentEnds">,
  vocabularySize: number,
): void {
  let start = 0;
  for (const end of documentEnds) {
    if (end < start) throw new InputError(`${label}: document end ${end} is before ${start}`, staleHint);
    start = end;
  }
  if (start !== tokens.length) {
    throw new InputError(`${label}: last document ends at ${start} of tokens=${tokens.length}`, staleHint);
  }
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]! < vocabularySize) continue;
    throw new InputError(
      `${label}: token ${tokens[i]} at ${i} should be below vocabularySize=${vocabularySize}`,
      staleHint,
    );
  }
}
