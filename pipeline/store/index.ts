export { pruneStore, sweepTemporary, verifyStore } from './maintain.ts';
export { createStore } from './store.ts';
