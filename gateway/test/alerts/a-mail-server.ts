import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** A mail server on loopback for tests: takes every letter, or answers the words that are said to it as it is told. */
export interface MailServer extends AsyncDisposable {
  port: number;
  /** What came after DATA, letter by letter. */
  letters: { from: string; to: string[]; text: string }[];
  /** What it answers to RCPT TO from now on. */
  answerRecipient(line: string): void;
}

export async function aMailServer(): Promise<MailServer> {
  const letters: MailServer['letters'] = [];
  const sockets = new Set<Socket>();
  let recipientAnswer = '250 ok';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, letters, () => recipientAnswer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    letters,
    answerRecipient(line) {
      recipientAnswer = line;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(socket: Socket, letters: MailServer['letters'], recipientAnswer: () => string): void {
  let waiting = '';
  let letter = { from: '', to: [] as string[], text: '' };
  let isData = false;
  const say = (line: string) => socket.write(`${line}\r\n`);
  say('220 loopback');
  socket.on('data', (bytes) => {
    waiting += bytes.toString();
    for (let end = waiting.indexOf('\r\n'); end !== -1; end = waiting.indexOf('\r\n')) {
      const line = waiting.slice(0, end);
      waiting = waiting.slice(end + 2);
      if (isData) hearText(line);
      else hearCommand(line);
    }
  });

  function hearText(line: string): void {
    if (line !== '.') {
      letter.text += `${line.replace(/^\.\./, '.')}\n`;
      return;
    }
    isData = false;
    letters.push(letter);
    letter = { from: '', to: [], text: '' };
    say('250 taken');
  }

  function hearCommand(line: string): void {
    if (/^EHLO|^HELO/i.test(line)) say('250 loopback');
    else if (/^MAIL FROM:/i.test(line)) {
      letter.from = /<(.*)>/.exec(line)?.[1] ?? '';
      say('250 ok');
    } else if (/^RCPT TO:/i.test(line)) {
      letter.to.push(/<(.*)>/.exec(line)?.[1] ?? '');
      say(recipientAnswer());
    } else if (/^DATA/i.test(line)) {
      isData = true;
      say('354 go on');
    } else if (/^QUIT/i.test(line)) {
      say('221 bye');
      socket.end();
    } else if (/^STARTTLS/i.test(line)) say('502 no');
    else say('250 ok');
  }
}
