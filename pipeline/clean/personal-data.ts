import { isIP } from "node:net";

/** Bounded repetitions, so that no text takes more than linear time. */
const email = /[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}-])/gu;
const ipv4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d]|\.\d)/g;
const ipv6 = /(?<![\w:.])[\da-f:]{2,39}:[\da-f:.]{1,15}(?![\w:])/gi;

export interface Masked {
  readonly text: string;
  /** Addresses that were replaced. */
  readonly addresses: number;
}

/**
 * Replace e-mail and IP addresses by <email> and <ip>. Networks that nobody's computer is reached by (private,
 * loopback, documentation) stay: they are no personal data, and texts about networks are full of them.
 */
export function maskPersonalData(text: string): Masked {
  let addresses = 0;
  const replaced = (by: string) => {
    addresses++;
    return by;
  };
  let masked = text;
  if (masked.includes("@")) masked = masked.replaceAll(email, () => replaced("<email>"));
  masked = masked.replaceAll(ipv4, (found) =>
    isIP(found) === 4 && isPublic(found) ? replaced("<ip>") : found,
  );
  if (masked.includes("::") || /[\da-f]:[\da-f]/i.test(masked)) {
    masked = masked.replaceAll(ipv6, (found) =>
      isIP(found) === 6 && found.length > 6 ? replaced("<ip>") : found,
    );
  }
  return { text: masked, addresses };
}

/** RFC 6890. */
function isPublic(address: string): boolean {
  const [a = 0, b = 0, c = 0] = address.split(".").map(Number);
  return !(
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)))) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113)
  );
}
