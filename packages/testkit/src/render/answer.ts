import type { Asked } from '../asked.ts';
import type { JsonObject } from '../json.ts';
import { plainScript, type ReplyScript, type Said, say } from '../reply-script.ts';
import { type Frame, frame, type WireReply, wireReply } from '../wire-reply.ts';
import { messageDocument, messageStream, tokenCount } from './anthropic-messages.ts';
import { converseDocument, converseStream } from './bedrock-converse.ts';
import { embeddingList, geminiEmbeddings } from './embeddings.ts';
import { errorDocument, requestId } from './errors.ts';
import { geminiTokenCount, generateDocument, generateStream, pretty } from './gemini.ts';
import { heardText, imageList, speechBytes, transcriptionDocument, transcriptionStream } from './media.ts';
import { modelList } from './models.ts';
import { moderationResults } from './moderations.ts';
import { chatDocument, chatStream } from './openai-chat.ts';
import { completionDocument, completionStream } from './openai-completions.ts';
import { responseDocument, responseStream } from './openai-responses.ts';

interface Renderer {
  document(asked: Asked, said: Said): JsonObject;
  stream(asked: Asked, said: Said): Frame[];
}

const renderers: Partial<Record<Asked['operation'], Renderer>> = {
  chat: { document: chatDocument, stream: chatStream },
  completions: { document: completionDocument, stream: completionStream },
  responses: { document: responseDocument, stream: responseStream },
  messages: { document: messageDocument, stream: messageStream },
  'generate-content': { document: generateDocument, stream: generateStream },
  converse: { document: converseDocument, stream: converseStream },
};

/** Answers a request in its own dialect and mode; without a script, in the plainest way that satisfies it. */
export function answer(asked: Asked, script?: ReplyScript): WireReply {
  const renderer = renderers[asked.operation];
  if (renderer === undefined) return answerOther(asked, script);
  const said = say(asked, script ?? plainScript(asked));
  if (!asked.streams) return documentReply(asked, renderer.document(asked, said));
  return streamReply(asked, renderer.stream(asked, said));
}

/** A stream of this dialect that tells these frames. */
export function streamReply(asked: Asked, frames: Frame[]): WireReply {
  const headers = [...vendorHeaders(asked), ['content-type', streamType(asked)] as [string, string]];
  return wireReply({ headers, frames, framing: 'chunked' });
}

/** An error of this dialect, with its status. */
export function errorReply(asked: Asked, error: Parameters<typeof errorDocument>[1]): WireReply {
  const { text, headers } = errorDocument(asked, error);
  return wireReply({
    status: error.status,
    headers: [...vendorHeaders(asked), ...headers],
    frames: [frame('document', text)],
  });
}

function answerOther(asked: Asked, script: ReplyScript | undefined): WireReply {
  switch (asked.operation) {
    case 'count-tokens':
      return documentReply(asked, asked.surface === 'gemini' ? geminiTokenCount(asked) : tokenCount(asked));
    case 'embeddings':
      return documentReply(asked, asked.surface === 'gemini' ? geminiEmbeddings(asked) : embeddingList(asked));
    case 'moderations':
      return documentReply(asked, moderationResults(asked));
    case 'models':
      return documentReply(asked, modelList(asked));
    case 'images':
      return documentReply(asked, imageList(asked));
    case 'speech':
      return bytesReply(asked, speechBytes(asked));
    case 'transcription':
      return transcriptionReply(asked, script?.text ?? heardText(asked));
    default:
      return errorReply(asked, { status: 404, message: `Unknown request: ${asked.call.method} ${asked.call.path}` });
  }
}

function transcriptionReply(asked: Asked, text: string): WireReply {
  if (asked.streams) return streamReply(asked, transcriptionStream(text));
  if (asked.body['response_format'] !== 'text') return documentReply(asked, transcriptionDocument(asked, text));
  return bytesReply(asked, { contentType: 'text/plain; charset=utf-8', frames: [frame('document', `${text}\n`)] });
}

function bytesReply(asked: Asked, { contentType, frames }: { contentType: string; frames: Frame[] }): WireReply {
  return wireReply({ headers: [...vendorHeaders(asked), ['content-type', contentType]], frames, framing: 'chunked' });
}

function documentReply(asked: Asked, document: JsonObject): WireReply {
  const isGemini = asked.surface === 'gemini';
  const contentType = isGemini ? 'application/json; charset=UTF-8' : 'application/json';
  const text = isGemini || asked.surface === 'openai' ? pretty(document) : JSON.stringify(document);
  return wireReply({
    headers: [...vendorHeaders(asked), ['content-type', contentType]],
    frames: [frame('document', text)],
  });
}

function streamType(asked: Asked): string {
  if (asked.surface === 'bedrock') return 'application/vnd.amazon.eventstream';
  if (asked.surface === 'gemini' && !asked.asEvents) return 'application/json; charset=UTF-8';
  return 'text/event-stream; charset=utf-8';
}

function vendorHeaders(asked: Asked): WireReply['headers'] {
  const id = requestId(asked);
  switch (asked.surface) {
    case 'openai':
      return [
        ['x-request-id', id],
        ['openai-processing-ms', '1'],
      ];
    case 'anthropic':
      return [['request-id', id]];
    case 'bedrock':
      return [['x-amzn-requestid', id]];
    case 'gemini':
      return [];
  }
}
