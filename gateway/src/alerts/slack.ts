import type { Alert } from '../core/alert.ts';
import type { Channel } from './channel.ts';
import type { Poster } from './post-json.ts';

/** Tells by an incoming webhook of Slack, or of anything that takes the same (Mattermost, Rocket.Chat, Discord under `/slack`). */
export function createSlack(
  { name, address, timeoutMs }: { name: string; address: string; timeoutMs: number },
  { post }: Pick<Poster, 'post'>,
): Channel {
  return {
    name,
    timeoutMs,
    send: (alert, signal) => post(address, { body: JSON.stringify({ text: writeText(alert) }), headers: {} }, signal),
  };
}

/** Whether an address is one that takes nothing else. */
export function isSlackAddress(address: string): boolean {
  return URL.canParse(address) && /(^|\.)hooks\.slack(-gov)?\.com$/.test(new URL(address).hostname);
}

const SIGNS: Record<Alert['severity'], string> = {
  info: ':information_source:',
  warning: ':warning:',
  critical: ':rotating_light:',
};

/** Names can hold anything; these three characters are markup there. */
function writeText({ severity, title, text }: Alert): string {
  const plain = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${SIGNS[severity]} *${plain(title).replaceAll('*', '∗')}*\n${plain(text)}`;
}
