import { type DialectName, dialects, type ModelEvent } from '@xidao/dialects';
import { describe, expect, test } from 'vitest';
import { estimateOutput } from './estimate-output.ts';
import { estimateText } from './estimate-tokens.ts';
import { SeenEnds } from './seen-ends.ts';

const SPOKEN: DialectName[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'ollama-chat',
  'dashscope',
];
const words = (count: number) => Array.from({ length: count }, (_, at) => `word ${at} and `);

/** A stream as a provider of this dialect writes it, frame by frame, up to where it is cut. */
function stream(
  dialect: DialectName,
  texts: readonly string[],
  { isCut = true, thoughts = [] as string[] } = {},
): Buffer[] {
  const place = { choice: 0, block: 0 };
  const second = { choice: 0, block: thoughts.length > 0 ? 1 : 0 };
  const events: ModelEvent[] = [
    { type: 'start', id: 'x', model: 'm', createdAtSeconds: 1 },
    ...(thoughts.length > 0
      ? [
          { type: 'reasoning-start', ...place } as const,
          ...thoughts.map((text) => ({ type: 'reasoning-delta', ...place, text }) as const),
          { type: 'reasoning-end', ...place } as const,
        ]
      : []),
    { type: 'text-start', ...second },
    ...texts.map((text) => ({ type: 'text-delta', ...second, text }) as const),
  ];
  if (!isCut)
    events.push(
      { type: 'text-end', ...second },
      { type: 'usage', usage: { inputTokens: 10, outputTokens: 20 } },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'end' },
    );
  const writer = dialects[dialect].createWriter({ model: 'm', id: 'x', nowSeconds: 1, wantsUsage: true });
  return events.map((event) => Buffer.from(writer.write(event))).filter(({ length }) => length > 0);
}

function see(chunks: readonly Uint8Array[]): SeenEnds {
  const seen = new SeenEnds();
  for (const chunk of chunks) seen.see(chunk);
  return seen;
}

const tokensOf = (texts: readonly string[]) => estimateText(texts.join(''));

describe.each(SPOKEN)('%s', (dialect) => {
  test('a short stream that was cut is weighed as a whole', () => {
    const texts = words(20);
    const weighed = estimateOutput(see(stream(dialect, texts)).kept(), dialect);
    expect(weighed).toMatchObject({ tokens: tokensOf(texts), isOver: false });
  });

  test('of a long one the last part stands for the rest', () => {
    const texts = words(3_000);
    const seen = see(stream(dialect, texts));
    expect(seen.isWhole).toBe(false);
    const { tokens } = estimateOutput(seen.kept(), dialect);
    expect(Math.abs(tokens / tokensOf(texts) - 1)).toBeLessThan(0.1);
  });

  test('one that began with long thoughts is weighed as well', () => {
    const [thoughts, texts] = [words(1_500), words(1_500)];
    const { tokens } = estimateOutput(see(stream(dialect, texts, { thoughts })).kept(), dialect);
    expect(Math.abs(tokens / tokensOf([...thoughts, ...texts]) - 1)).toBeLessThan(0.5);
  });

  test('an end that was told is known', () => {
    for (const count of [5, 3_000])
      expect(estimateOutput(see(stream(dialect, words(count), { isCut: false })).kept(), dialect).isOver).toBe(true);
  });

  test('bytes cut anywhere do not disturb it', () => {
    const texts = words(400);
    const bytes = Buffer.concat(stream(dialect, texts));
    const half = bytes.subarray(0, Math.floor(bytes.length / 2));
    for (const size of [7, 100, 1_001, 20_000]) {
      const chunks = Array.from({ length: Math.ceil(half.length / size) }, (_, at) =>
        half.subarray(at * size, (at + 1) * size),
      );
      const { tokens } = estimateOutput(see(chunks).kept(), dialect);
      expect(Math.abs(tokens / (tokensOf(texts) / 2) - 1), `in pieces of ${size}`).toBeLessThan(0.15);
    }
  });
});

test('what cannot be read at all is nothing', () => {
  for (const dialect of Object.keys(dialects) as DialectName[])
    expect(
      estimateOutput({ head: Buffer.from('\x00\x01{'), tail: Buffer.from('\x02}\n\n'), bytes: 100_000 }, dialect)
        .tokens,
    ).toBe(0);
});
