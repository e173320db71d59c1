/**
 * A real Slurm of several nodes on this machine, for the fault suite: no systemd, no cgroups, a second to start. Each
 * node's daemon lives in a pid and host-name namespace of its own, so that killing the namespace's first process takes
 * the daemon and all its tasks at once, which is what a lost node looks like from outside.
 *
 * Needs root and Debian's slurmctld, slurmd, slurm-client and munge.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { $ } from "zx";

interface ClusterOptions {
  readonly nodes: number;
  readonly cpusPerNode: number;
  /** The first of the ports the daemons listen on. */
  readonly basePort: number;
  /** Further lines of slurm.conf: they win over those above them. */
  readonly extra?: Readonly<Record<string, string | number>>;
}

const needed = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "unshare", "runuser"];

/** Why no cluster can be started here, or undefined. */
export function whyNoCluster(): string | undefined {
  if (process.getuid?.() !== 0) return "starting Slurm needs root";
  const missing = needed.filter((program) => !isInstalled(program));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

export class Cluster {
  readonly dir: string;
  readonly #options: ClusterOptions;
  readonly #daemons = new Map<string, ChildProcess>();

  private constructor(dir: string, options: ClusterOptions) {
    this.dir = dir;
    this.#options = options;
  }

  /** Start it, and make its commands this process's: SLURM_CONF is set. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    // A short path: a unix socket lies in it.
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), "slurm-")), options);
    await chmod(cluster.dir, 0o755);
    process.env["SLURM_CONF"] = cluster.#path("slurm.conf");
    try {
      await cluster.#startMunge();
      await cluster.#startDaemons();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async stop(): Promise<void> {
    const names = [...this.#daemons.keys()].toReversed();
    for (const name of names) await this.#kill(name, "SIGKILL");
    await rm(this.dir, { recursive: true, force: true });
    delete process.env["SLURM_CONF"];
  }

  /** The same cluster with nothing in its queue, whatever state its daemons are in. */
  async restart(): Promise<void> {
    for (const name of [...this.#daemons.keys()].filter((name) => name !== "munged"))
      await this.#kill(name, "SIGKILL");
    await rm(this.#path("state"), { recursive: true, force: true });
    await this.#startDaemons();
  }

  async startController(): Promise<void> {
    // -i: come up even where saved state is torn, as after a kill.
    await this.#spawn("slurmctld", "slurmctld", ["-D", "-i"]);
    await until("the controller answers", () => succeeds("scontrol", ["ping"], /UP/), 30);
  }

  killController(): Promise<void> {
    return this.#kill("slurmctld", "SIGKILL");
  }

  async #startDaemons(): Promise<void> {
    const { nodes } = this.#options;
    await writeFile(this.#path("slurm.conf"), this.#configuration());
    await this.startController();
    for (let node = 1; node <= nodes; node++) await this.startNode(node);
    await this.untilNodesAre("idle", nodes);
  }

  /** Change slurm.conf while it runs. */
  async reconfigure(settings: Readonly<Record<string, string | number>>): Promise<void> {
    await writeFile(this.#path("slurm.conf"), this.#configuration(settings));
    execFileSync("scontrol", ["reconfigure"], { stdio: "ignore" });
  }

  async startNode(node: number): Promise<void> {
    const name = `n${node}`;
    const inside = `hostname ${name}; slurmd -D -N ${name} & wait $!`;
    await this.#spawn(name, "unshare", [
      "--pid",
      "--uts",
      "--mount-proc",
      "--fork",
      "--kill-child=SIGKILL",
      "bash",
      "-c",
      inside,
    ]);
  }

  /** Power off: daemon and tasks are gone at once. */
  killNode(node: number): Promise<void> {
    return this.#kill(`n${node}`, "SIGKILL");
  }

  /** A network partition: the node's daemon hears nothing, its tasks go on. */
  freezeNode(node: number): void {
    process.kill(this.#slurmd(node), "SIGSTOP");
  }

  thawNode(node: number): void {
    process.kill(this.#slurmd(node), "SIGCONT");
  }

  async untilNodesAre(state: string, count: number, seconds = 60): Promise<void> {
    await until(
      `${count} nodes are ${state}`,
      () => {
        const text = execFileSync("sinfo", ["-h", "-N", "-t", state, "-o", "%N"], { encoding: "utf8" });
        return new Set(text.split("\n").filter(Boolean)).size >= count;
      },
      seconds,
    );
  }

  async #startMunge(): Promise<void> {
    // munged insists on a folder of its own that nobody else can write to.
    const dir = this.#path("munge");
    await mkdir(dir);
    await mkdir(this.#path("state"));
    await mkdir(this.#path("spool"));
    await writeFile(join(dir, "key"), randomBytes(1024), { mode: 0o400 });
    await $`chown -R munge:munge ${dir}`.quiet();
    const socket = join(dir, "sock");
    await this.#spawn("munged", "runuser", [
      "-u",
      "munge",
      "--",
      "munged",
      "--foreground",
      "--force",
      `--key-file=${join(dir, "key")}`,
      `--socket=${socket}`,
      `--pid-file=${join(dir, "pid")}`,
      `--seed-file=${join(dir, "seed")}`,
      `--log-file=${join(dir, "log")}`,
    ]);
    await until("munge answers", () => succeeds("munge", ["-S", socket, "-n"]), 10);
  }

  #configuration(changes: Readonly<Record<string, string | number>> = {}): string {
    const { nodes, cpusPerNode, basePort, extra = {} } = this.#options;
    const host = hostname().split(".")[0];
    const settings: Record<string, string | number> = {
      ClusterName: "climb-test",
      SlurmctldHost: `${host}(127.0.0.1)`,
      SlurmUser: "root",
      AuthType: "auth/munge",
      // A requeued job waits for its credential's life, 120 s if left alone.
      AuthInfo: `socket=${this.#path("munge/sock")},cred_expire=5`,
      SlurmctldPort: basePort,
      StateSaveLocation: this.#path("state"),
      SlurmdSpoolDir: this.#path("spool/%n"),
      SlurmctldPidFile: this.#path("slurmctld.pid"),
      SlurmdPidFile: this.#path("slurmd-%n.pid"),
      SlurmctldLogFile: this.#path("slurmctld.log"),
      SlurmdLogFile: this.#path("slurmd-%n.log"),
      ProctrackType: "proctrack/linuxproc",
      TaskPlugin: "task/none",
      MpiDefault: "none",
      SelectType: "select/cons_tres",
      SelectTypeParameters: "CR_CPU_Memory",
      // Else every job is given a node's whole memory.
      DefMemPerCPU: 64,
      // Lets a node have more processors than the machine.
      SlurmdParameters: "config_overrides",
      ReturnToService: 2,
      SlurmdTimeout: 10,
      KillWait: 3,
      MinJobAge: 300,
      MaxArraySize: 1001,
      SchedulerParameters:
        "sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0,nohold_on_prolog_fail",
      AccountingStorageType: "accounting_storage/none",
      ...extra,
      ...changes,
    };
    return [
      ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
      `NodeName=n[1-${nodes}] NodeHostname=${host} NodeAddr=127.0.0.1 Port=[${basePort + 1}-${basePort + nodes}] CPUs=${cpusPerNode} RealMemory=4096 State=UNKNOWN`,
      "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
      "",
    ].join("\n");
  }

  async #spawn(name: string, command: string, args: readonly string[]): Promise<void> {
    const log = await open(this.#path(`${name}.out`), "a");
    const child = spawn(command, args, { stdio: ["ignore", log.fd, log.fd], detached: true, cwd: this.dir });
    await once(child, "spawn");
    await log.close();
    child.unref();
    this.#daemons.set(name, child);
  }

  async #kill(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#daemons.get(name);
    this.#daemons.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.ref();
    // With its whole group: runuser does not hand SIGKILL on to munged.
    process.kill(-child.pid!, signal);
    await ended;
  }

  /** The daemon inside the node's namespace: unshare -> bash -> slurmd. */
  #slurmd(node: number): number {
    const outer = this.#daemons.get(`n${node}`)?.pid;
    const shell = childOf(outer);
    return childOf(shell);
  }

  #path(name: string): string {
    return join(this.dir, name);
  }
}

/** Wait until it is so; a failing look counts as not yet. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  seconds: number,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      if (await isSo()) return;
    } catch {
      // Not yet.
    }
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await sleep(100);
  }
}

function childOf(pid: number | undefined): number {
  const text = execFileSync("pgrep", ["-o", "-P", String(pid)], { encoding: "utf8" });
  return Number.parseInt(text, 10);
}

function succeeds(command: string, args: readonly string[], says = /(?:)/): boolean {
  return says.test(execFileSync(command, args, { encoding: "utf8", stdio: "pipe" }));
}

function isInstalled(program: string): boolean {
  try {
    execFileSync("which", [program], {
      stdio: "ignore",
      env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
    });
    return true;
  } catch {
    return false;
  }
}
