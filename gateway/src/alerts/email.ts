import type { SmtpConfig } from '../config/schema/alerts.ts';
import type { Alert } from '../core/alert.ts';
import { type Channel, NotDelivered } from './channel.ts';

/** Tells by e-mail. The library is loaded with the first one. */
export function createEmail(
  { name, to, timeoutMs }: { name: string; to: readonly string[]; timeoutMs: number },
  smtp: SmtpConfig,
): Channel {
  return {
    name,
    timeoutMs,
    async send(alert, signal) {
      const { createTransport } = await import('nodemailer');
      const transport = createTransport({
        ...{ host: smtp.host, port: smtp.port, secure: smtp.tls === 'always' },
        ...{ requireTLS: smtp.tls === 'starttls', ignoreTLS: smtp.tls === 'never' },
        ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
        // A message is made of texts alone: none may point at files or addresses.
        ...{ disableFileAccess: true, disableUrlAccess: true },
        ...(smtp.user !== undefined && { auth: { user: smtp.user, pass: smtp.password ?? '' } }),
      });
      const giveUp = () => transport.close();
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        await transport.sendMail({ from: smtp.from, to: [...to], ...writeMail(alert) });
      } catch (error) {
        throw explain(error);
      } finally {
        signal.removeEventListener('abort', giveUp);
        transport.close();
      }
    },
  };
}

function writeMail({ id, title, text, facts, atMs }: Alert): { subject: string; text: string; messageId: string } {
  const lines = Object.entries(facts).map(([fact, value]) => `${fact}: ${value ?? '-'}`);
  return {
    subject: oneLine(`[XiDao] ${title}`),
    text: [text, '', ...lines, `at: ${new Date(atMs).toISOString()}`].join('\n'),
    // The same from try to try, so that a mail server can see that it has it already.
    messageId: `<${id}@xidao.alerts>`,
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

/** What the mail server says can hold anything; its code is enough. Codes of 500 and above are final (RFC 5321, 4.2.1). */
function explain(error: unknown): NotDelivered {
  const { code = 'the connection broke', responseCode } = error as { code?: string; responseCode?: number };
  const said = responseCode === undefined ? code : `${code}, status ${responseCode}`;
  const isFinal = (responseCode !== undefined && responseCode >= 500) || code === 'EAUTH';
  return new NotDelivered(`The mail server did not take it (${said}).`, { isWorthAnother: !isFinal });
}
