import { type DestinationStream, type Logger, pino } from 'pino';

/** Whatever path a secret takes into a log object, its value does not come out. */
const SECRETS = [
  'authorization',
  'api_key',
  'apiKey',
  'key',
  'secret',
  'password',
  'token',
  'headers.authorization',
  'headers["x-api-key"]',
  'headers["api-key"]',
  'headers["x-goog-api-key"]',
  'headers.cookie',
  '*.authorization',
  '*.api_key',
  '*.secret',
  '*.password',
  '*.token',
];

/** JSON lines; the destination is buffered by the caller's choice. */
export function createLog({ level, destination }: { level: string; destination: DestinationStream }): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS, censor: '***' },
      messageKey: 'message',
    },
    destination,
  );
}

export type { Logger };
