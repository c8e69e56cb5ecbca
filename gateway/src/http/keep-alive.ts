import type { DialectName } from '@xidao/dialects';

/**
 * What shows life on a quiet stream without meaning anything. Chat and Responses clients skip comments; Anthropic's own servers send `ping`
 * events; Gemini's SDK knows neither, so nothing is sent there.
 */
const FRAMES: Partial<Record<DialectName, string>> = {
  'openai-chat': ': keep-alive\n\n',
  'openai-responses': ': keep-alive\n\n',
  'anthropic-messages': 'event: ping\ndata: {"type": "ping"}\n\n',
};

export function keepAliveFrame(dialect: DialectName): string | undefined {
  return FRAMES[dialect];
}
