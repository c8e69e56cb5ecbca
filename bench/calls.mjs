import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How many events a measured stream has; the upstream's model names say the same. */
export const EVENTS_PER_STREAM = 60;
/** Milliseconds between two events of a paced stream. */
export const PACE_MS = 20;

const models = { document: 'doc', burst: 'burst-60', paced: 'paced-60-20', slow: 'paced-60-1000' };

/** Every model name the bench asks for. */
export const modelNames = Object.values(models);

const question = 'Explain to a new colleague, in plain words, why the sky is blue and the sunset is red. ';

// Clients write the model first and `stream` last; about 1 KB of conversation stands between them.
function writeBody(model, { streamed, includeUsage }) {
  const messages = [
    { role: 'system', content: 'You are a patient teacher who answers briefly.' },
    { role: 'user', content: question.repeat(9).trim() },
  ];
  const options = streamed && includeUsage ? { stream_options: { include_usage: true } } : {};
  return JSON.stringify({ model, messages, temperature: 0.7, ...options, ...(streamed ? { stream: true } : {}) });
}

/** Writes the request bodies of the bench into a folder and says where each is and how many events answer it. */
export function writeCalls(folder, { includeUsage }) {
  const events = EVENTS_PER_STREAM + (includeUsage ? 1 : 0);
  const calls = {};
  for (const [kind, model] of Object.entries(models)) {
    const streamed = kind !== 'document';
    const bodyFile = join(folder, `${kind}.json`);
    writeFileSync(bodyFile, writeBody(model, { streamed, includeUsage }));
    calls[kind] = streamed ? { bodyFile, events } : { bodyFile };
  }
  return calls;
}
