import { type Attempt, FactoryError } from '../run/failure.ts';
import type { TarFile } from '../tools/tools.ts';
import { artifactFile, runScript, type ScriptResult } from './script-run.ts';
import type { Stage, StageContext } from './stage.ts';

type Context = StageContext<'verify-srpm'>;
type Key = Context['step']['params']['keys'][number];

/**
 * Verifies the signature of an upstream source package before anything in it is looked at. Key material may come from
 * anywhere (the user, a base image, a download); only the pinned fingerprint makes it count. What came from a mirror of the
 * recipe must be signed by that mirror's key; from elsewhere (a local mirror), by any of them.
 */
export const verifySrpm: Stage<'verify-srpm'> = {
  name: 'verify-srpm',
  version: 1,
  weight: 'light',
  async run(context) {
    const { inputs, log } = context;
    const allowed = await allowedKeys(context);
    const attempts: Attempt[] = [];
    const material = [...given(context), ...(await fromImages(context, attempts))];
    let result = material.length > 0 ? await check(context, allowed, material) : undefined;
    if (result === undefined) {
      const downloaded = await fromWeb(context, allowed, attempts);
      if (downloaded.length > 0) result = await check(context, allowed, [...material, ...downloaded]);
    }
    const evidence = result?.files.get('signature.json');
    if (result === undefined || evidence === undefined)
      throw new FactoryError({ kind: 'KeyMissing', source: inputs.srpm.name, keys: allowed, attempts });
    const signer = allowed.find(({ fingerprint }) => fingerprint === result.facts.signature_fingerprint);
    log(`${inputs.srpm.name}: signed by ${signer?.name ?? 'unknown'} ${String(result.facts.signature_fingerprint)}`);
    return {
      outputs: [
        { ...inputs.srpm },
        { kind: 'evidence', name: `signature-${context.step.id.replace(/^[^:]*:/, '')}.json`, ...evidence },
      ],
      facts: { ...result.facts, trust: 'signature', key: signer?.name ?? '' },
    };
  },
};

/** The keys that may have signed it, by where the bytes came from. */
async function allowedKeys({ step, inputs, tools }: Context): Promise<readonly Key[]> {
  const { url } = JSON.parse((await tools.store.read(inputs.origin.digest)).toString('utf8')) as { url: string };
  const wanted = step.params.keyOf[url];
  return wanted === undefined ? step.params.keys : step.params.keys.filter(({ fingerprint }) => fingerprint === wanted);
}

function given({ step }: Context): TarFile[] {
  return step.hints.given.map(({ base64 }, index) => keyFile(`given-${index}`, Buffer.from(base64, 'base64')));
}

async function fromImages({ step, inputs, tools }: Context, attempts: Attempt[]): Promise<TarFile[]> {
  const files: TarFile[] = [];
  for (const [index, image] of inputs.images.entries()) {
    const path = step.hints.imagePaths[index] ?? '';
    try {
      files.push(keyFile(`image-${index}`, await tools.containers.readFile(image.engineId ?? '', path)));
    } catch (thrown) {
      // Another place may have it; that this one had not is part of the failure, if it comes to one.
      if (!(thrown instanceof FactoryError)) throw thrown;
      attempts.push({ url: `${image.name}:${path}`, reason: 'no such file' });
    }
  }
  return files;
}

async function fromWeb(context: Context, keys: readonly Key[], attempts: Attempt[]): Promise<TarFile[]> {
  const { step, tools, signal, offline } = context;
  const files: TarFile[] = [];
  for (const { name } of keys) {
    const urls = step.hints.urls[name] ?? [];
    if (offline) attempts.push(...urls.map((url) => ({ url, reason: 'not tried: --offline' })));
    if (offline || urls.length === 0) continue;
    try {
      const request = { source: name, file: `${name}.key`, urls, sha256: null, size: null };
      const got = await tools.downloads.fetch(request, {
        onProgress: () => undefined,
        onAttempt: ({ url, reason }) => context.log(`${url}: ${reason}`, 'stderr'),
        signal,
      });
      files.push(keyFile(`web-${name}`, await tools.store.read(got.digest)));
    } catch (thrown) {
      if (!(thrown instanceof FactoryError) || thrown.failure.kind !== 'AllMirrorsFailed') throw thrown;
      attempts.push(...thrown.failure.attempts);
    }
  }
  return files;
}

function keyFile(name: string, bytes: Buffer): TarFile {
  return { path: `in/keys/${name}`, mode: 0o644, bytes };
}

/** undefined: no file held any of the keys. */
async function check(context: Context, keys: readonly Key[], material: TarFile[]): Promise<ScriptResult | undefined> {
  const { step, inputs, tools } = context;
  try {
    return await runScript(
      context,
      {
        image: inputs.publisher,
        script: 'verify-srpm.sh',
        scripts: step.params.scripts,
        env: { FINGERPRINTS: keys.map(({ fingerprint }) => fingerprint).join(' ') },
        files: [artifactFile(tools, inputs.srpm, `in/srpm/${inputs.srpm.name}`), ...material],
      },
      {
        explain: (error) =>
          error && { kind: 'SignatureInvalid', source: inputs.srpm.name, file: inputs.srpm.name, ...error },
      },
    );
  } catch (thrown) {
    if (thrown instanceof FactoryError && thrown.failure.kind === 'SignatureInvalid')
      if (thrown.failure.code === 'key-missing') return undefined;
    throw thrown;
  }
}
