/** What commands need of the store's copies; the stores themselves are known to the composition alone. */
export { backUp } from './store/backup/back-up.ts';
export { restore } from './store/backup/restore.ts';
