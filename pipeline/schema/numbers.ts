/** Number types that every section uses. */
import { z } from "zod";

export const positiveInteger = z.int().positive();
export const share = z.number().min(0).max(1);
