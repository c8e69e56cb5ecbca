import type { JsonObject } from '../json.ts';
import type { CacheMark } from '../request.ts';
import type { WriteJob } from './write-job.ts';

/** A block (or tool) and the cache point that is to follow it. */
export interface Piece {
  block: JsonObject;
  cache?: CacheMark;
}

const MOST = 4;

/**
 * Takes away the marks that the model refuses, and all but the last four: the API refuses more, and the later ones
 * cover the longer prefix. The order is that in which a prompt is read: tools, system, messages.
 */
export function limitCacheMarks(tools: Piece[], system: Piece[], content: Piece[], job: WriteJob): void {
  if (job.isOwn) return;
  const all = [...tools, ...system, ...content];
  const refused = all.filter(({ cache }, index) => cache !== undefined && !takesMark(index < tools.length, job));
  for (const piece of refused) delete piece.cache;
  if (refused.length > 0)
    job.change(`cache marks→none (not taken by the model${job.maker.takesCachePoints ? ' on tools' : ''})`);

  const marked = all.filter(({ cache }) => cache !== undefined);
  const excess = marked.slice(0, Math.max(0, marked.length - MOST));
  for (const piece of excess) delete piece.cache;
  if (excess.length > 0) job.change(`${marked.length} cache marks→the last ${MOST}`);
}

function takesMark(isTool: boolean, { maker }: WriteJob): boolean {
  return isTool ? maker.takesToolCachePoints : maker.takesCachePoints;
}

/** The blocks, each with the cache point after it. */
export function withCachePoints(pieces: Piece[]): JsonObject[] {
  return pieces.flatMap(({ block, cache }) =>
    cache === undefined ? [block] : [block, { cachePoint: cachePointOf(cache) }],
  );
}

function cachePointOf({ ttl }: CacheMark): JsonObject {
  return { type: 'default', ...(ttl === undefined ? {} : { ttl }) };
}
