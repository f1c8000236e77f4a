import type { FileRef } from '../plan/params.ts';
import { FactoryError } from '../run/failure.ts';
import { sha256Of } from '../tools/file-ref.ts';
import type { Files } from '../tools/tools.ts';

/**
 * Files as a provenance carries them, hashed on every read; what it does not carry comes from the checkout, if that still has
 * the same bytes. What runs on the host comes from the checkout alone: a provenance is data of a snapshot, and what it brings
 * along stays in containers. Failures: those of `checkout`.
 */
export function toldFiles(contents: ReadonlyMap<string, Buffer>, checkout: Files): Files {
  return {
    async read(ref) {
      const bytes = contents.get(ref.sha256);
      return bytes !== undefined && sha256Of(bytes) === ref.sha256 ? bytes : checkout.read(ref);
    },
    path: (ref) => checkout.path(ref),
  };
}

/** Those of the files that are neither carried nor in the checkout, in words. */
export async function missingFiles(files: Files, refs: readonly FileRef[]): Promise<Missing[]> {
  const missing: Missing[] = [];
  for (const ref of refs) {
    try {
      await files.read(ref);
    } catch (thrown) {
      if (!(thrown instanceof FactoryError) || thrown.failure.kind !== 'FileChanged') throw thrown;
      const { path, want, got } = thrown.failure;
      const lines = [
        `want  sha256 ${want}`,
        `here  ${got === 'missing' ? 'no such file' : `sha256 ${got}`} (${path})`,
        'The provenance does not carry it: take it from the revision of the time, or from whoever published.',
      ];
      missing.push({ what: `file ${ref.root}/${ref.path}`, lines });
    }
  }
  return missing;
}

/** Something that a rebuild from a provenance lacks. */
export interface Missing {
  readonly what: string;
  readonly lines: readonly string[];
}
