/**
 * What a registry meant, of which the engine only passes on words: it has no such image; it refuses and would refuse again; or it
 * may answer otherwise the next time.
 */
export type Verdict = 'absent' | 'refused' | 'passing';

/** Words of registries, of proxies before them and of engines; a login that is missing is told in many ways. */
const REFUSED =
  /unauthorized|authentication required|denied|forbidden|no basic auth credentials|incorrect username or password|http status:? 40[13]/i;
/** Nothing of this gets better in a few seconds. */
const HOPELESS =
  /x509|certificate|server gave HTTP response to HTTPS client|invalid reference|invalid tag|not supported/i;
const ABSENT = /manifest unknown|name unknown|manifest for \S+ not found|http status:? 404/i;

/** Judges the words of a failed exchange. Docker Hub says `denied … does not exist` of what is private or absent: refused. */
export function verdictOf(reason: string): Verdict {
  if (REFUSED.test(reason) || HOPELESS.test(reason)) return 'refused';
  return ABSENT.test(reason) ? 'absent' : 'passing';
}
