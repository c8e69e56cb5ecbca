import type { DialectName } from '@xidao/dialects';
import { ERRORS, GatewayError } from '../../gateway/src/core/errors.ts';
import { refuse } from '../../gateway/src/http/refusal.ts';
import { code, generatedFrom, writeTable } from './table.ts';

const SPOKEN: [DialectName, string][] = [
  ['openai-chat', 'OpenAI (chat, Responses, embeddings and their like)'],
  ['anthropic-messages', 'Anthropic'],
  ['gemini', 'Gemini'],
];

/** The reference page of the errors that are the gateway's own. */
export function renderErrorsPage(): string {
  const rows = Object.entries(ERRORS).map(([name, { status, meaning }]) => [code(name), String(status), meaning]);
  return `${[introduction, writeTable(['Code', 'Status', 'When, and what to do'], rows), '## How it is told', telling, ...SPOKEN.map(example)].join('\n\n')}\n`;
}

const introduction = `# Errors

${generatedFrom('gateway/src/core/errors.ts')}

These are the errors of the gateway itself. Their codes are stable. An error of a provider is not among them: where client and provider
speak the same dialect and nothing is left to try, it passes as it came, status and body.`;

const telling = `Every error is worded as the client's dialect words its own, so that the official SDKs raise their typed classes. The id in it is also in
the headers \`x-request-id\`, \`request-id\` and \`x-xidao-request-id\`, and in the log. What will fail again carries \`x-should-retry: false\`.
In a stream that has begun, the error is the last event.`;

function example([dialect, title]: [DialectName, string]): string {
  const error = new GatewayError('model_not_found', 'The model "gtp-5" is not served here. Did you mean "gpt-5"?', {
    param: 'model',
  });
  const { status, body } = refuse(error, dialect, 'call_e83hUZmgixGD000004');
  const json = JSON.stringify(JSON.parse(body.toString()), null, 2);
  return `### ${title}\n\nStatus ${status}:\n\n\`\`\`json\n${json}\n\`\`\``;
}
