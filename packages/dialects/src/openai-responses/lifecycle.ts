/** The life of one response: begun, counted, and then completed, incomplete or failed. */

import type { ReplyContext } from '../dialect.ts';
import type { ModelError } from '../errors.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';
import { type Frames, noFrames } from './frames.ts';
import type { OutputItems } from './output-items.ts';
import { echoRequest, type Outcome, responseId, serverError } from './response-object.ts';
import { writeUsage } from './usage.ts';
import { responseError, streamErrorFrames } from './write-error.ts';

export interface Lifecycle {
  begin(event?: Extract<ModelEvent, { type: 'start' }>): void;
  readonly hasBegun: boolean;
  addUsage(usage: Usage): void;
  conclude(outcome: Outcome): void;
  fail(error: ModelError): void;
  /** Nothing more can be said. */
  readonly isOver: boolean;
  /** The whole response object. One that was neither concluded nor failed is told as broken off. */
  response(): JsonObject;
}

export function createLifecycle(context: ReplyContext, items: OutputItems, frames: Frames): Lifecycle {
  let echo: string | undefined;
  let createdAt = context.nowSeconds;
  let serviceTier: string | undefined;
  let usage: Usage | undefined;
  let outcome: Outcome = { status: 'in_progress' };
  let hasBegun = false;
  let isOver = false;

  const head = (): JsonObject => ({
    id: responseId(context.id),
    object: 'response',
    created_at: createdAt,
    status: outcome.status,
    error: outcome.error ?? null,
    incomplete_details: outcome.incompleteReason ? { reason: outcome.incompleteReason } : null,
    model: context.model,
    output: items.list,
    usage: usage ? writeUsage(usage) : null,
    service_tier: usage?.serviceTier ?? serviceTier ?? context.request?.serviceTier ?? null,
    ...writeToolUsage(usage),
  });

  const tell = (type: string) => {
    if (frames === noFrames) return;
    // A coding agent's instructions and tools are long: they are turned into JSON once.
    echo ??= JSON.stringify(echoRequest(context));
    frames.lifecycle(type, head(), echo);
  };

  return {
    begin(event) {
      hasBegun = true;
      createdAt = Math.floor(event?.createdAtSeconds ?? createdAt);
      serviceTier = event?.serviceTier;
      tell('response.created');
      tell('response.in_progress');
    },
    get hasBegun() {
      return hasBegun;
    },
    addUsage(more) {
      usage = { ...usage, ...more };
    },
    conclude(reached) {
      outcome = reached;
      isOver = true;
      tell(`response.${outcome.status}`);
    },
    fail(error) {
      isOver = true;
      outcome = { status: 'failed', error: responseError(error) };
      frames.raw(streamErrorFrames(error, { ...head(), ...echoRequest(context) }, frames.count), 2);
    },
    get isOver() {
      return isOver;
    },
    response() {
      if (!isOver) outcome = { status: 'failed', error: serverError('The answer broke off before its end.') };
      return { ...head(), ...echoRequest(context) };
    },
  };
}

function writeToolUsage(usage: Usage | undefined): JsonObject | undefined {
  const requests = usage?.serverToolRequests;
  return requests === undefined ? undefined : { tool_usage: { web_search: { num_requests: requests } } };
}
