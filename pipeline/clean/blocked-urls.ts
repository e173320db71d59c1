import { listEntries } from "./list-entries.ts";

/** Lists of domains and addresses, as UT1's of Toulouse has them: one a line. */
export class BlockedUrls {
  readonly #domains = new Set<string>();
  readonly #addresses = new Set<string>();

  /** @param lists contents of the files; empty lines and those that begin with # say nothing */
  constructor(lists: readonly string[]) {
    for (const entry of listEntries(lists)) {
      const address = withoutScheme(entry).replace(/\/+$/, "");
      if (address.includes("/")) this.#addresses.add(address);
      else this.#domains.add(address);
    }
  }

  /** The entry an address falls under: its host, a domain the host is in, or an address it begins with. */
  entryFor(url: string): string | undefined {
    const address = withoutScheme(url.toLowerCase()).replace(/[?#].*$/, "");
    const [host = "", ...path] = address.split("/");
    const labels = host.replace(/:\d+$/, "").replace(/\.$/, "").split(".");
    for (let from = 0; from < labels.length; from++) {
      const domain = labels.slice(from).join(".");
      if (this.#domains.has(domain)) return domain;
    }
    let prefix = host.replace(/:\d+$/, "");
    for (const segment of path) {
      prefix += `/${segment}`;
      if (this.#addresses.has(prefix)) return prefix;
    }
    return undefined;
  }
}

const withoutScheme = (address: string) => address.replace(/^[a-z][a-z\d+.-]*:\/\/([^@/]*@)?/, "");
