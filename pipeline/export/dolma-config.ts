/** The configs of dolma's mixer (python/dolma/cli/mixer.py) and reshard (python/dolma/tokenizer/reshard.py), as read. */
import { z } from "zod";

const include = /^\$\.attributes\[\?\(@\.climb__sample__u\[0\]\[2\] < \d+\.\d+\)\]$/;

export const Mixer = z.strictObject({
  streams: z
    .array(
      z.strictObject({
        name: z.string(),
        documents: z
          .array(
            z
              .string()
              .refine((path) => path.split("*").length === 2, "should hold one *, all that dolma takes")
              .refine(
                (path) => path.split("/documents/").length === 2,
                "should hold one /documents/: dolma looks for attributes where it is replaced",
              ),
          )
          .length(1),
        attributes: z.tuple([z.literal("climb")], {
          error: "should be [climb]: without the attributes the filter lets nothing pass",
        }),
        filter: z.strictObject(
          {
            include: z.tuple([z.string().regex(include, "is no filter that climb writes")]),
            syntax: z.literal("jsonpath"),
          },
          { error: "is missing: dolma wants one, and all documents would pass" },
        ),
        output: z.strictObject({ path: z.string(), max_size_in_bytes: z.int().min(1) }),
      }),
    )
    .min(1),
  processes: z.int().min(1),
});

export const Reshard = z.strictObject({
  destination_prefix: z.string(),
  // One of max_size_bytes and max_num_files is required, and not both.
  max_size_bytes: z.int().min(1),
  source_prefixes: z
    .array(
      z.strictObject({
        prefix: z.string(),
        // Of 0.4, reshard would take 0.4 of the number of files, and at least one.
        sample_rate: z.int({ error: "should be whole: reshard rounds the rest to whole files" }).min(1),
      }),
    )
    .min(1),
});
