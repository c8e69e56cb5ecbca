import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import type { Responses } from '../responses/responses.ts';
import { refuse } from './refusal.ts';
import type { Route } from './routes.ts';
import { sendJson } from './server.ts';

export interface ResponsesRoom extends Pick<Responses, 'find' | 'remove' | 'listInput'> {
  identify(call: { headers: IncomingMessage['headers']; query: string; remoteAddress: string }): Caller;
}

export type ResponsesRoute = Extract<Route, { kind: 'responses' }>;

interface Ask {
  route: ResponsesRoute;
  query: string;
  id: string;
  remoteAddress: string;
  room: ResponsesRoom;
  onFault(error: unknown, id: string): void;
}

const METHODS: Record<ResponsesRoute['action'], string[]> = {
  response: ['GET', 'HEAD', 'DELETE'],
  input_items: ['GET', 'HEAD'],
  cancel: ['POST'],
};

/** `/v1/responses/{id}` and what is under it: responses that the gateway keeps, for the key that made them. */
export async function answerResponses(request: IncomingMessage, response: ServerResponse, ask: Ask): Promise<void> {
  const { route, query, id, remoteAddress, room } = ask;
  const headers = { 'x-request-id': id, 'request-id': id, 'cache-control': 'private, no-store' };
  // Nothing here is told in a body.
  if (!request.complete) request.resume();
  try {
    const methods = METHODS[route.action];
    if (!methods.includes(request.method ?? '')) {
      response.setHeader('allow', methods.join(', '));
      throw new GatewayError('method_not_allowed', `This path takes ${methods.join(', ')}, not ${request.method}.`);
    }
    const caller = room.identify({ headers: request.headers, query, remoteAddress });
    sendJson(request, response, 200, await answer(request, ask, caller), headers);
  } catch (error) {
    if (!(error instanceof GatewayError)) ask.onFault(error, id);
    const refusal = refuse(error, 'openai-responses', id);
    response.writeHead(refusal.status, { ...refusal.headers, ...headers, 'content-length': refusal.body.length });
    response.end(request.method === 'HEAD' ? undefined : refusal.body);
  }
}

async function answer(request: IncomingMessage, { route, query, room }: Ask, caller: Caller): Promise<unknown> {
  const asked = new URLSearchParams(query);
  switch (route.action) {
    case 'response':
      if (request.method === 'DELETE') return room.remove(route.id, caller);
      if (asked.get('stream') === 'true')
        throw new GatewayError(
          'invalid_request',
          'Only background responses can be streamed again; there are none here.',
          {
            param: 'stream',
          },
        );
      return room.find(route.id, caller, { withEncrypted: includes(asked).includes('reasoning.encrypted_content') });
    case 'input_items':
      return room.listInput(route.id, caller, {
        limit: readLimit(asked.get('limit')),
        order: readOrder(asked.get('order')),
        after: asked.get('after') ?? undefined,
      });
    case 'cancel': {
      await room.find(route.id, caller, { withEncrypted: false });
      throw new GatewayError('invalid_request', 'Cannot cancel a synchronous response: only background ones run on.');
    }
  }
}

/** Lists in a query are written in three ways by OpenAI's SDKs. */
function includes(query: URLSearchParams): string[] {
  const indexed = [...query].filter(([name]) => /^include\[\d+\]$/.test(name)).map(([, value]) => value);
  return [...query.getAll('include'), ...query.getAll('include[]'), ...indexed].flatMap((value) => value.split(','));
}

function readLimit(text: string | null): number {
  if (text === null) return 20;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit;
  throw new GatewayError('invalid_request', "'limit' must be an integer from 1 to 100.", { param: 'limit' });
}

function readOrder(text: string | null): 'asc' | 'desc' {
  if (text === null || text === 'desc') return 'desc';
  if (text === 'asc') return 'asc';
  throw new GatewayError('invalid_request', "'order' must be 'asc' or 'desc'.", { param: 'order' });
}
