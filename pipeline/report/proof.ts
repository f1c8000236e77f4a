/** One check of a boot proof. */
interface BootCheck {
  readonly id: string;
  readonly want: string;
  readonly got: string;
  readonly ok: boolean;
}

/** What verify_boot.py writes: machines that were booted from published packages, and what was seen of them. */
export interface BootEvidence {
  readonly ok: boolean;
  readonly checks: readonly BootCheck[];
  /** `kernel`: what `uname -r` said; empty where it never came to that. Seconds from power-on to the first process. */
  readonly machines: readonly { readonly name: string; readonly kernel: string; readonly bootSeconds: number | null }[];
  /** By program: how it calls itself. */
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: { readonly all: number };
  /** One connection, as `address:port`: null where none was seen. */
  readonly connection: {
    readonly client: string | null;
    readonly virtual: string;
    /** What the director made of it on the inner segment. */
    readonly local: string | null;
    readonly server: string | null;
    /** What the web server took the client for. */
    readonly logged: string | null;
  };
}

/** Reads the bytes of `verify-boot.json`: written by a script of ours, hashed on the way. */
export function parseBootEvidence(bytes: Buffer): BootEvidence {
  return JSON.parse(bytes.toString('utf8')) as BootEvidence;
}

/** The checks that failed; a proof that checked nothing has failed as well. */
export function failedBootChecks({ ok, checks }: BootEvidence): { id: string; want: string; got: string }[] {
  const failed = checks.filter((check) => !check.ok).map(({ id, want, got }) => ({ id, want, got }));
  if (failed.length > 0 || (ok && checks.length > 0)) return failed;
  return [{ id: 'proof', want: 'checks, all good', got: `${checks.length} checks, ok: ${String(ok)}` }];
}

/**
 * What a boot proof saw, for the end of a run: whom the web server took the client for, through which local addresses, the
 * size of the connection table, and how long the machines took.
 */
export function proofLines(evidence: BootEvidence): string[] {
  const { checks, machines, connection, seconds } = evidence;
  const got = (id: string): string => checks.find((check) => check.id === id)?.got ?? 'not seen';
  const boot = machines.map(({ bootSeconds }) => bootSeconds ?? Number.NaN);
  return [
    `Proof:     nginx logged ${connection.logged ?? 'nobody'} for the client ${connection.client ?? 'nobody'}; addresses kept: ${got('connections-addresses')}`,
    `           through LIPs ${got('local-addresses')}; connection table of ${got('connection-table')}`,
    `           ${machines.length} machines up in ${Math.max(...boot)} s, ${checks.length} checks in ${seconds.all} s`,
  ];
}
