import { SlurmConfig } from "../../pipeline/schema/slurm-config.ts";

/** The slurm section with waits that suit a cluster on one machine. */
export function quickSlurm(section: Readonly<Record<string, unknown>> = {}): SlurmConfig {
  return SlurmConfig.parse({ maxPollSeconds: 1, markerDelaySeconds: 1, ...section });
}
