import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  etagOf,
  type ListedModel,
  readModelsQuery,
  renderModel,
  renderModelsDocument,
} from '../catalogue/models-document.ts';
import type { Caller } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import { nearestNames } from '../core/nearest.ts';
import { refuse } from './refusal.ts';
import type { Route } from './routes.ts';
import { sendJson } from './server.ts';

export interface ModelsRoom {
  identify(call: { headers: IncomingMessage['headers']; query: string; remoteAddress: string }): Caller;
  /** What this caller may use, in the order of configuration. */
  list(caller: Caller): readonly ListedModel[];
  nowMs(): number;
}

interface Ask {
  route: Extract<Route, { kind: 'models' }>;
  query: string;
  id: string;
  remoteAddress: string;
  room: ModelsRoom;
}

/** `GET /v1/models` and `/v1/models/{id}`: one document for the clients of every dialect, listing what the key may use. */
export function answerModels(
  request: IncomingMessage,
  response: ServerResponse,
  { route, query, id, remoteAddress, room }: Ask,
): void {
  const isAnthropic = request.headers['anthropic-version'] !== undefined;
  // Google's SDK asks under /v1 as well; only its own header tells it from OpenAI's.
  const isGemini = route.shape === 'gemini' || request.headers['x-goog-api-key'] !== undefined;
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      throw new GatewayError('method_not_allowed', `The list of models takes GET, not ${request.method}.`);
    }
    const models = room.list(room.identify({ headers: request.headers, query, remoteAddress }));
    const document =
      route.id === undefined
        ? listDocument(models, isGemini, query, room)
        : oneDocument(models, route.id, isGemini, room);
    const etag = etagOf(JSON.stringify(document));
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag });
      response.end();
      return;
    }
    sendJson(request, response, 200, document, {
      etag,
      'x-request-id': id,
      'request-id': id,
      'cache-control': 'private, no-cache',
    });
  } catch (error) {
    const refusal = refuse(error, isGemini ? 'gemini' : isAnthropic ? 'anthropic-messages' : 'openai-chat', id);
    response.writeHead(refusal.status, {
      ...refusal.headers,
      'content-length': refusal.body.length,
      'x-request-id': id,
      'request-id': id,
    });
    response.end(refusal.body);
  }
}

function listDocument(models: readonly ListedModel[], isGemini: boolean, query: string, room: ModelsRoom): unknown {
  if (isGemini) return { models: models.map(geminiModel) };
  return renderModelsDocument(models, readModelsQuery(new URLSearchParams(query)), room.nowMs());
}

function oneDocument(models: readonly ListedModel[], id: string, isGemini: boolean, room: ModelsRoom): unknown {
  const found = models.find((listed) => listed.id === id) ?? models.find(({ model }) => model.aliases.includes(id));
  if (found === undefined) {
    const nearest = nearestNames(
      id,
      models.map((model) => model.id),
      3,
    );
    throw new GatewayError(
      'model_not_found',
      `There is no model ${JSON.stringify(id)} for this key.${nearest.length > 0 ? ` Did you mean ${nearest.join(' or ')}?` : ''}`,
      { param: 'model' },
    );
  }
  return isGemini ? geminiModel(found) : renderModel(found, room.nowMs());
}

function geminiModel({ id, model }: ListedModel): object {
  return {
    name: `models/${id}`,
    baseModelId: id,
    displayName: model.title,
    ...(model.contextWindow !== undefined && { inputTokenLimit: model.contextWindow }),
    ...(model.maxOutputTokens !== undefined && { outputTokenLimit: model.maxOutputTokens }),
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}
