import type { AdminClient } from './admin-client.ts';

/** Every entry of a list of the management API, page after page. */
export async function askAll<Document>(client: AdminClient, place: string, most = Infinity): Promise<Document[]> {
  const all: Document[] = [];
  const join = place.includes('?') ? '&' : '?';
  let cursor = '';
  do {
    const limit = Math.min(1_000, most - all.length);
    const page = await client.ask<{ data: Document[]; next_cursor?: string }>(
      'GET',
      `${place}${join}limit=${limit}${cursor}`,
    );
    all.push(...page.data);
    cursor = page.next_cursor === undefined ? '' : `&cursor=${encodeURIComponent(page.next_cursor)}`;
  } while (cursor !== '' && all.length < most);
  return all;
}
