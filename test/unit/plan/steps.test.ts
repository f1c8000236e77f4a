import { expect, test } from 'vitest';
import { plannedStep, rpmNamed } from '../../../pipeline/plan/steps.ts';

const base = plannedStep(
  'base-image',
  null,
  'base',
  { name: 'b', image: 'r/b', digest: 'sha256:0', bootstrap: null, locked: null },
  { rootfs: [] },
  { requires: [], vendored: null, registry: null, fresh: false },
).made.image;
const apt = plannedStep(
  'fetch-apt',
  'tools',
  'fetch',
  { apt: 'binary', package: 'p', file: null, version: null, sha256: null, scripts: [] },
  { base },
  { locked: null, urls: [] },
).made;

test('a step has the id of its stage and what it is about, and handles of the kinds that it makes', () => {
  expect(base).toEqual({ step: 'base-image', kind: 'image' });
  expect(apt.source).toEqual({ step: 'fetch-apt:tools', kind: 'source' });
  expect(apt.info).toEqual({ step: 'fetch-apt:tools', kind: 'source-info' });
});

test('wrong wiring does not compile', () => {
  const limits = { members: 1, bytes: 1, pathBytes: 1, ratio: 1 };
  const member = { member: 'm', file: 'f', limits, scripts: [] };
  plannedStep('extract-member', 'x', 'right', member, { base, archive: apt.source }, {});
  // @ts-expect-error information about a file is not the file
  plannedStep('extract-member', 'x', 'wrong kind', member, { base, archive: apt.info }, {});
  // @ts-expect-error an input is missing
  plannedStep('extract-member', 'x', 'no archive', member, { base }, {});
  // @ts-expect-error a source is not an RPM
  rpmNamed(apt.source, 'kernel-headers');
  // @ts-expect-error an apt fetch makes no image
  expect(apt.image).toBeUndefined();
});
