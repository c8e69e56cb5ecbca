import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { COSTS_PAGE } from './costs-page.ts';
import { COSTS_SCRIPT } from './costs-script.ts';

/** As much of an element as the page uses. It has no `innerHTML`: what would set markup fails. */
class FakeElement {
  readonly children: (FakeElement | string)[] = [];
  readonly style = {};
  readonly attributes: Record<string, string> = {};
  readonly listeners: Record<string, (event: object) => void> = {};
  hidden = false;
  value = '';
  href = '';
  scope = '';
  className = '';
  #text = '';

  constructor() {
    Object.seal(this);
  }
  get textContent(): string {
    return this.#text + this.children.map((child) => (typeof child === 'string' ? child : child.textContent)).join(' ');
  }
  set textContent(text: string) {
    this.#text = text;
    this.children.length = 0;
  }
  append(...added: (FakeElement | string)[]) {
    this.children.push(...added);
  }
  replaceChildren(...added: FakeElement[]) {
    this.textContent = '';
    this.append(...added);
  }
  setAttribute(name: string, value: string) {
    this.attributes[name] = value;
  }
  addEventListener(name: string, listen: (event: object) => void) {
    this.listeners[name] = listen;
  }
  focus() {}
  insert(): FakeElement {
    const made = new FakeElement();
    this.append(made);
    return made;
  }
  insertRow = this.insert;
  createTHead = this.insert;
  createTBody = this.insert;
}

const sums = {
  unseen_cost_usd: '0',
  calls: 2,
  unpriced_attempts: 0,
  estimated_attempts: 0,
  input_tokens: 1_000,
  output_tokens: 20,
};
const report = (rows: object[], total: object = {}) => ({
  from: '2026-11-01T00:00:00.000Z',
  to: '2026-11-21T12:00:00.000Z',
  rows: rows.map((row) => ({ ...sums, ...row })),
  total: { ...sums, cost_usd: '1234.5', ...total },
  truncated: false,
});

interface Asked {
  place: string;
  key: string;
}

/** Opens the page in a tab that remembers `key`, before a gateway that answers `answer`. */
async function open({
  search = '',
  key,
  answer,
}: {
  search?: string;
  key?: string;
  answer: (place: string) => object;
}) {
  const elements: Record<string, FakeElement> = {};
  for (const [, id] of COSTS_PAGE.matchAll(/id="([^"]+)"/g)) elements[id!] = new FakeElement();
  const kept = new Map(key === undefined ? [] : [['xidao-key', key]]);
  const asked: Asked[] = [];
  runInNewContext(COSTS_SCRIPT, {
    document: { getElementById: (id: string) => elements[id], createElement: () => new FakeElement() },
    location: { search },
    URLSearchParams,
    encodeURIComponent,
    sessionStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
      removeItem: (name: string) => kept.delete(name),
    },
    async fetch(place: string, { headers }: { headers: { authorization: string } }) {
      asked.push({ place, key: headers.authorization });
      const told = answer(place);
      const status = 'error' in told ? 401 : 200;
      return { ok: status === 200, status, json: async () => told };
    },
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  await settle();
  return { elements, kept, asked, settle };
}

function answer(place: string): object {
  if (place.includes('savings'))
    return { data: [{ by: 'cache', saved_usd: '0.5', calls: 3, formula: 'tokens × price' }] };
  if (place.includes('budgets'))
    return {
      data: [{ name: 'monthly', used: 1.2, spent_usd: 12, amount_usd: 10, period: 'monthly', window_ends_at: null }],
    };
  if (place.includes('by=team'))
    return report([
      { team: '<img src=x onerror=alert(1)>', cost_usd: '1234' },
      { team: null, cost_usd: null, unpriced_attempts: 2 },
    ]);
  if (place.includes('by=model')) return report([{ provider: 'openai', model: 'gpt-5', cost_usd: '0.001' }]);
  return report([{ starts_at: '2026-11-20T00:00:00.000Z', cost_usd: '1', unpriced_attempts: 1 }]);
}

test('asks for a key first, keeps it for the tab alone, and sends it in a header, never in an address', async () => {
  const { elements, kept, asked, settle } = await open({ answer });
  expect([asked, elements['enter']!.hidden, elements['figures']!.hidden]).toEqual([[], false, true]);
  elements['key']!.value = ' the key ';
  elements['enter']!.listeners['submit']!({ preventDefault() {} });
  await settle();
  expect([...kept.values()]).toEqual(['the key']);
  expect(elements['key']!.value).toBe('');
  expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(['Bearer the key']));
  expect(asked.some(({ place }) => place.includes('the'))).toBe(false);
  expect([elements['enter']!.hidden, elements['figures']!.hidden]).toEqual([true, false]);
  elements['leave']!.listeners['click']!({});
  expect([kept.size, elements['figures']!.hidden]).toEqual([0, true]);
});

test('shows what the query asks for: spend with its bars, savings and budgets', async () => {
  const { elements, asked } = await open({ search: '?team=backend&period=month', key: 'k', answer });
  const places = asked.map(({ place }) => new URL(place, 'http://here/dashboard/costs'));
  expect(places.map(({ pathname }) => pathname)).toEqual([
    '/admin/v1/costs',
    '/admin/v1/costs',
    '/admin/v1/costs',
    '/admin/v1/savings',
    '/admin/v1/budgets',
  ]);
  expect(places.slice(0, 4).map(({ searchParams }) => [searchParams.get('team'), searchParams.get('period')])).toEqual(
    Array(4).fill(['backend', 'month']),
  );
  expect(elements['totals']!.textContent).toContain('Cost $1,234.50');
  expect(elements['about']!.textContent).toContain('team backend');
  expect(elements['by-model']!.textContent).toContain('openai/gpt-5');
  expect(elements['by-model']!.textContent).toContain('$0.001');
  expect(elements['by-day']!.textContent).toContain('2026-11-20');
  expect(elements['savings']!.textContent).toContain('tokens × price');
  expect(elements['budgets']!.textContent).toContain('$12.00 of $10.00');
  expect(elements['budgets-section']!.hidden).toBe(false);
});

test('shows names as they are and what has no price as such', async () => {
  const { elements } = await open({ key: 'k', answer });
  expect(elements['by-team']!.textContent).toContain('<img src=x onerror=alert(1)>');
  expect(elements['by-team']!.textContent).toContain('(none)  unpriced');
  expect(elements['by-day']!.textContent).toContain('$1.00 + unpriced');
});

test('forgets a key that is refused, and says why', async () => {
  const refused = () => ({ error: { message: 'This is not the admin key.' } });
  const { elements, kept } = await open({ key: 'old', answer: refused });
  expect([kept.size, elements['enter']!.hidden, elements['trouble']!.hidden]).toEqual([0, false, false]);
  expect(elements['trouble']!.textContent).toBe('This is not the admin key.');
});
