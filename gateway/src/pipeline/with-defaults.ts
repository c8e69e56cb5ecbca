import type { Message, ModelRequest } from '@xidao/dialects';
import type { Plan, RequestDefaults } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';

/** The prompt with what the plan says for a client that left it open. The same prompt where the plan says nothing, or the client has said it all. */
export function withDefaults(prompt: Prompt, { defaults }: Plan): Prompt {
  if (defaults === undefined || prompt.call.operation !== 'chat') return prompt;
  const asked = prompt.request();
  const request = complete(asked, defaults);
  return request === asked ? prompt : { ...prompt, request: () => request, isRewritten: true };
}

function complete(asked: ModelRequest, defaults: RequestDefaults): ModelRequest {
  const said: Partial<ModelRequest> = {
    ...limitOf(asked, defaults),
    ...(asked.temperature === undefined && defaults.temperature !== undefined && { temperature: defaults.temperature }),
    ...(defaults.systemPrompt !== undefined &&
      !hasSystem(asked.messages) && { messages: [systemMessage(defaults.systemPrompt), ...asked.messages] }),
  };
  return Object.keys(said).length === 0 ? asked : { ...asked, ...said };
}

function limitOf(asked: ModelRequest, { maxTokens, maxTokensCap }: RequestDefaults): Partial<ModelRequest> {
  const wanted = asked.maxOutputTokens ?? maxTokens;
  const limit = Math.min(wanted ?? Number.POSITIVE_INFINITY, maxTokensCap ?? Number.POSITIVE_INFINITY);
  if (limit === Number.POSITIVE_INFINITY || limit === asked.maxOutputTokens) return {};
  return { maxOutputTokens: limit };
}

function hasSystem(messages: readonly Message[]): boolean {
  return messages.some(({ role }) => role === 'system' || role === 'developer');
}

function systemMessage(text: string): Message {
  return { role: 'system', parts: [{ type: 'text', text }] };
}
