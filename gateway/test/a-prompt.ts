import type { ModelRequest } from '@xidao/dialects';
import type { Call } from '../src/core/call.ts';
import type { Caller } from '../src/core/caller.ts';
import type { Prompt } from '../src/core/prompt.ts';

/** A prompt for tests of this room: what is not said is plain. */
export function aPrompt({
  model = 'fast',
  caller = {},
  request = {},
  inputTokens = 10,
  ...call
}: Partial<Call> & {
  model?: string;
  caller?: Partial<Caller>;
  request?: Partial<ModelRequest>;
  inputTokens?: number;
} = {}): Prompt {
  return {
    call: {
      id: 'call_1',
      dialect: 'openai-chat',
      bodyDialect: 'openai-chat',
      operation: 'chat',
      headers: {},
      bytes: Buffer.from('{}'),
      model,
      ...call,
    } as Call,
    caller: { keyId: 'key_1', keyName: 'app', ...caller },
    request: () => ({ model, stream: false, messages: [], tools: [], ...request }) as unknown as ModelRequest,
    inputTokens: () => inputTokens,
  };
}
