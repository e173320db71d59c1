import type { z } from "zod";

/** A list whose members are told apart by their name. */
export function uniquelyNamed<List extends z.ZodType<{ name: string }[]>>(list: List): List {
  return list.check((context) => {
    const names = context.value.map(({ name }) => name);
    const twice = names.findIndex((name, index) => names.indexOf(name) < index);
    if (twice < 0) return;
    const message = `'${names[twice]}' is the name of another one too`;
    context.issues.push({ code: "custom", input: context.value, path: [twice, "name"], message });
  });
}
