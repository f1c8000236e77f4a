import type { FailureOf } from '../../run/failure.ts';
import type { Description } from './description.ts';

/** An archive that is not what export wrote, or not the one that was meant. */
export function exchangeInvalid({ file, member, reason }: FailureOf<'ExchangeInvalid'>): Description {
  return {
    short: `archive refused: ${file}: ${member === null ? '' : `${member} `}${reason}`,
    detail: [],
    advice: [
      'Nothing was imported; store and ledger are as they were.',
      'Take the archive once more from where it was made, and compare its sha256 with the one that `bin/factory export` printed there.',
    ],
  };
}

/** Two machines made different things from the same inputs. */
export function exchangeConflict({ file, step, key, here, there }: FailureOf<'ExchangeConflict'>): Description {
  return {
    short: `${file}: ${step} made something else there than here, from the same inputs`,
    detail: [`key      ${key}`, ...here.map((line) => `here     ${line}`), ...there.map((line) => `archive  ${line}`)],
    advice: [
      'Nothing was imported; store and ledger are as they were.',
      'To take what the archive has, import it into another directory: `--artifacts DIR`. To find out what differs, compare the two files.',
    ],
  };
}
