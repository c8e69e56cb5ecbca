import { anthropicMessages } from './anthropic-messages/index.ts';
import { bedrock } from './bedrock/index.ts';
import { cohereChat } from './cohere-chat/index.ts';
import { dashscope } from './dashscope/index.ts';
import type { Dialect, DialectName } from './dialect.ts';
import { gemini } from './gemini/index.ts';
import { ollamaChat } from './ollama-chat/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';

/** Every dialect by its name. A new one is a folder and a line here. */
export const dialects: Record<DialectName, Dialect> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  gemini,
  bedrock,
  'cohere-chat': cohereChat,
  'ollama-chat': ollamaChat,
  dashscope,
};
