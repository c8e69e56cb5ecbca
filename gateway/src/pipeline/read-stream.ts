import type { Dialect, ModelEvent } from '@xidao/dialects';

/** A stream that told why it finished and then closed is complete, though its host sent no end mark; one that told neither has broken off. */
export async function* readStream(from: Dialect, body: AsyncIterable<Uint8Array>): AsyncGenerator<ModelEvent[]> {
  const reader = from.createReader();
  let hasFinished = false;
  let hasEnded = false;
  const note = (events: ModelEvent[]) => {
    for (const { type } of events) {
      if (type === 'finish') hasFinished = true;
      else if (type === 'end' || type === 'error') hasEnded = true;
    }
    return events;
  };
  for await (const chunk of body) yield note(reader.push(chunk));
  const rest = note(reader.finish());
  yield hasFinished && !hasEnded ? [...rest, { type: 'end' }] : rest;
}
