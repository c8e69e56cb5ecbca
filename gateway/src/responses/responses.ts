import {
  createCollector,
  itemsToMessages,
  type JsonObject,
  type ModelEvent,
  type ReplyContext,
  withoutEncrypted,
} from '@xidao/dialects';
import type { Caller } from '../core/caller.ts';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { KeptResponse } from '../core/kept-response.ts';
import type { Plan } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Reply } from '../core/reply.ts';
import { type ItemPage, inputItems, itemsOfTurn, outputOf, pageOf } from './items.ts';
import { type Bond, bondOf, inputTextOf, isOwnId, previousIdOf } from './previous-id.ts';
import type { Shelf } from './shelf.ts';

/** Keeps answers as OpenAI's Responses API does, for models of providers that know no such thing. */
export interface Responses {
  /** The prompt with what went before, where the call goes on from a response that is kept here; else the same prompt. Throws `previous_response_not_found`. */
  recall(prompt: Prompt): Prompt | Promise<Prompt>;
  /** The plan without the targets that cannot know what the call rests on. Throws where none is left. */
  narrow(plan: Plan, prompt: Prompt): Plan;
  /** Whether the answer is to be kept, should it be the gateway that writes it. */
  keeps(prompt: Prompt): boolean;
  /** Hears an answer's events, and keeps it once it has ended well. */
  keeper(prompt: Prompt, reply: Reply, context: ReplyContext): { take(event: ModelEvent): void };
  /** The response object. Throws `response_not_found`, also for another key's. */
  find(id: string, caller: Caller, wish: { withEncrypted: boolean }): Promise<JsonObject>;
  /** Throws `response_not_found`. */
  remove(id: string, caller: Caller): Promise<JsonObject>;
  /** A page of what the response was made from. Throws `response_not_found`. */
  listInput(id: string, caller: Caller, page: ItemPage): Promise<JsonObject>;
}

export interface ResponsesDeps {
  shelf: Shelf;
  clock: Clock;
  /** How long a response is kept after its last use, in milliseconds; 0: nothing is kept. */
  ttlMs: number;
}

export function createResponses({ shelf, clock, ttlMs }: ResponsesDeps): Responses {
  async function conversationOf(id: string, keyId: string): Promise<KeptResponse[]> {
    const conversation = isOwnId(id) ? await shelf.conversation(id, keyId) : [];
    const missing = conversation.length === 0 ? id : conversation[0]?.previousId;
    if (missing !== undefined) throw previousNotFound(missing);
    return conversation;
  }

  async function goOn(prompt: Prompt, id: string): Promise<Prompt> {
    const conversation = await conversationOf(id, prompt.caller.keyId);
    return { ...prompt, history: itemsToMessages(conversation.flatMap(itemsOfTurn)) };
  }

  return {
    recall(prompt) {
      const id = previousIdOf(prompt.call);
      return id !== undefined && isOwnId(id) ? goOn(prompt, id) : prompt;
    },

    narrow(plan, { call }) {
      const bond = bondOf(call);
      if (bond === undefined) return plan;
      const groups = plan.groups.flatMap((group) => {
        const members = group.members.filter(({ target }) => target.dialect === call.bodyDialect);
        return members.length === 0 ? [] : [{ ...group, members }];
      });
      if (groups.length > 0) return { ...plan, groups, ...tieTo(bond) };
      if (bond.field === 'previous_response_id') throw previousNotFound(bond.id);
      throw new GatewayError(
        'invalid_request',
        `'${bond.field}' names something that only a provider of the Responses API holds, and the model ${JSON.stringify(call.model)} is served by none. Send it as input${bond.field === 'conversation' ? ', or go on with previous_response_id' : ''}.`,
        { param: bond.field },
      );
    },

    keeps(prompt) {
      const { call } = prompt;
      const isResponse = call.dialect === 'openai-responses' && call.operation === 'chat';
      return isResponse && ttlMs > 0 && prompt.request().store !== false;
    },

    keeper({ call, caller }, reply, context) {
      const collector = createCollector(context, { withEncrypted: true });
      return {
        take(event) {
          collector.take(event);
          if (event.type !== 'end') return;
          const response = collector.response();
          const createdAtMs = clock.wallMs();
          const previousId = previousIdOf(call);
          shelf.put({
            id: String(response['id']),
            keyId: caller.keyId,
            ...(previousId !== undefined && { previousId }),
            model: call.model,
            provider: reply.target?.provider ?? '',
            createdAtMs,
            expiresAtMs: createdAtMs + ttlMs,
            response,
            input: inputTextOf(call),
          });
        },
      };
    },

    async find(id, { keyId }, { withEncrypted }) {
      const kept = isOwnId(id) ? await shelf.find(id, keyId) : undefined;
      if (kept === undefined) throw notFound(id);
      const { response } = kept;
      return withEncrypted ? response : { ...response, output: withoutEncrypted(outputOf(response)) };
    },

    async remove(id, { keyId }) {
      if (!isOwnId(id) || !(await shelf.remove(id, keyId))) throw notFound(id);
      return { id, object: 'response', deleted: true };
    },

    async listInput(id, { keyId }, page) {
      const conversation = isOwnId(id) ? await shelf.conversation(id, keyId) : [];
      if (conversation.length === 0) throw notFound(id);
      return pageOf(inputItems(conversation), page);
    },
  };
}

/** A response that a provider keeps is known to that one alone. */
function tieTo(bond: Bond): Pick<Plan, 'affinity'> {
  return bond.field === 'previous_response_id' ? { affinity: { key: bond.id, isHard: true } } : {};
}

/** In OpenAI's words, which its clients look for. */
function previousNotFound(id: string): GatewayError {
  return new GatewayError('previous_response_not_found', `Previous response with id '${id.slice(0, 200)}' not found.`, {
    param: 'previous_response_id',
  });
}

function notFound(id: string): GatewayError {
  return new GatewayError('response_not_found', `Response with id '${id.slice(0, 200)}' not found.`);
}
