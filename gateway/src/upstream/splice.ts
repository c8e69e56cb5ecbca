import type { Call } from '../core/call.ts';

const INCLUDE_USAGE = Buffer.from('"stream_options":{"include_usage":true}');
const COMMA = Buffer.from(',');

interface Edit {
  from: number;
  to: number;
  with: Buffer;
}

/**
 * The client's own bytes with only the model's name (and, if asked, the wish for a usage chunk) changed: a few slices, no copy. Undefined where the bytes
 * are not plain (an escaped or doubled key), and only the parsed path is safe.
 */
export function spliceBody(call: Call, model: string, asksUsage: boolean): readonly Uint8Array[] | undefined {
  const { body, bytes, formModel } = call;
  if (formModel !== undefined && call.model !== model)
    return applyEdits(bytes, [{ ...formModel, with: Buffer.from(model) }]);
  if (body === undefined) return [bytes];
  if (!body.isPlain) return undefined;
  const edits: Edit[] = [];
  const named = body.values['model'];
  if (named !== undefined && call.model !== model) edits.push({ ...named, with: Buffer.from(JSON.stringify(model)) });
  const task = body.values['task_type'];
  if (task !== undefined) return undefined;
  if (asksUsage) {
    const options = body.values['stream_options'];
    if (options !== undefined) edits.push({ ...options, with: withUsage(bytes, options) });
    else
      edits.push({
        from: body.start + 1,
        to: body.start + 1,
        with: body.isEmpty ? INCLUDE_USAGE : Buffer.concat([INCLUDE_USAGE, COMMA]),
      });
  }
  return edits.length === 0 ? [bytes] : applyEdits(bytes, edits);
}

function withUsage(bytes: Buffer, span: { from: number; to: number }): Buffer {
  const options: unknown = JSON.parse(bytes.toString('utf8', span.from, span.to));
  const kept = typeof options === 'object' && options !== null ? options : {};
  return Buffer.from(JSON.stringify({ ...kept, include_usage: true }));
}

function applyEdits(bytes: Buffer, edits: Edit[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const edit of edits.sort((one, other) => one.from - other.from)) {
    if (edit.from > at) pieces.push(bytes.subarray(at, edit.from));
    pieces.push(edit.with);
    at = edit.to;
  }
  pieces.push(bytes.subarray(at));
  return pieces;
}

/** Whether the client itself asked for the usage chunk of a chat stream. */
export function asksForUsage(call: Call): boolean {
  const span = call.body?.values['stream_options'];
  if (span === undefined) return false;
  const options: unknown = JSON.parse(call.bytes.toString('utf8', span.from, span.to));
  return (
    typeof options === 'object' && options !== null && (options as { include_usage?: unknown }).include_usage === true
  );
}
