import { type Asked, countWords } from '../asked.ts';
import type { JsonObject } from '../json.ts';
import { createdSeconds, cutText } from '../reply-script.ts';
import { eventFrame, type Frame } from '../wire-reply.ts';

/** A PNG of one transparent pixel. */
export const onePixelPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

/** `n` images of one pixel, as base64 or as addresses. */
export function imageList(asked: Asked): JsonObject {
  const asUrl = asked.body['response_format'] === 'url';
  const count = Number(asked.body['n'] ?? 1);
  const tokens = asked.inputWords;
  return {
    created: createdSeconds,
    data: Array.from({ length: count }, (_, index) =>
      asUrl ? { url: `https://images.invalid/${asked.call.number}-${index}.png` } : { b64_json: onePixelPng },
    ),
    usage: {
      input_tokens: tokens,
      input_tokens_details: { image_tokens: 0, text_tokens: tokens },
      output_tokens: 16 * count,
      total_tokens: tokens + 16 * count,
    },
  };
}

const audioTypes: Record<string, string> = {
  mp3: 'audio/mpeg',
  opus: 'audio/opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
};

/** Bytes of every value, which no decoding as text survives, four times over; the type is that of the format asked for. */
export function speechBytes(asked: Asked): { contentType: string; frames: Frame[] } {
  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
  const format = String(asked.body['response_format'] ?? 'mp3');
  return {
    contentType: audioTypes[format] ?? 'application/octet-stream',
    frames: Array.from({ length: 4 }, () => ({ mark: 'other' as const, bytes: bytes.slice() })),
  };
}

/** What was heard: a sentence that names the file and its size, unless the cue has another. */
export function heardText(asked: Asked): string {
  const file = asked.call.form?.find((part) => part.filename !== undefined);
  return `Heard ${file?.bytes.length ?? 0} bytes of ${file?.filename ?? 'nothing'}`;
}

/** A transcription as JSON, with the words' seconds where `verbose_json` asks. */
export function transcriptionDocument(asked: Asked, text: string): JsonObject {
  if (asked.body['response_format'] === 'verbose_json') {
    const segment = { id: 0, seek: 0, start: 0, end: 1, text, tokens: [], temperature: 0 };
    const quality = { avg_logprob: -0.1, compression_ratio: 1, no_speech_prob: 0.01 };
    return { task: 'transcribe', language: 'english', duration: 1, text, segments: [{ ...segment, ...quality }] };
  }
  return { text, usage: { type: 'duration', seconds: 1 } };
}

/** A transcription told as it is heard. */
export function transcriptionStream(text: string): Frame[] {
  const tokens = countWords(text);
  const usage = { type: 'tokens', input_tokens: 0, output_tokens: tokens, total_tokens: tokens };
  return [
    ...cutText(text, 'words').map((delta) => eventFrame('text', { type: 'transcript.text.delta', delta })),
    eventFrame('finish', { type: 'transcript.text.done', text, usage }),
  ];
}
