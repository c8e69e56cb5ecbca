import { type DialectName, dialects, type Part } from '@xidao/dialects';
import { type Cue, choose, cutAfter, echo, header, reply, stallAfter, status } from '@xidao/testkit';
import { LONG_TEXT, TWO_CALLS } from './texts.ts';

const byName: Record<string, Cue> = {
  greeting: reply({ text: 'Guten Tag!', usage: { input: 12, output: 3, cached: 4 } }),
  'two-calls': reply({ ...TWO_CALLS, parallel: false }),
  thinks: reply({ reasoning: 'Think it over.', text: 'Done.', usage: { output: 9, reasoning: 4 } }),
  cut: cutAfter('text 3', reply({ text: LONG_TEXT })),
  mirror: choose((asked) => reply({ text: JSON.stringify(partsRead(asked)) })),
};

const dialectOf: Record<string, DialectName> = {
  chat: 'openai-chat',
  responses: 'openai-responses',
  messages: 'anthropic-messages',
  'generate-content': 'gemini',
  converse: 'bedrock',
};

type Asked = Parameters<Cue>[0];

/** The parts of all messages, as a provider of the dialect reads them. */
function partsRead({ operation, call }: Asked): Part[] {
  const request = dialects[dialectOf[operation]!].readRequest(call.json as never);
  return request.messages.flatMap(({ parts }) => parts);
}

/** Answers as the model's name says: clients in another process have no other way to tell their cue. */
export function cueByModel(): Cue {
  const seen = new Set<string>();
  return choose(({ model, operation }) => {
    const [kind, rest = ''] = model.split(/-(.*)/);
    if (kind === 'status') return status(Number(rest));
    if (kind === 'stalls') return stallAfter('text 2', reply({ text: LONG_TEXT }));
    if (kind !== 'again') return byName[model] ?? echo();
    const isSecond = seen.has(operation + model);
    seen.add(operation + model);
    return isSecond ? reply({ text: 'Now.' }) : header('retry-after-ms', '3', status(429));
  });
}
