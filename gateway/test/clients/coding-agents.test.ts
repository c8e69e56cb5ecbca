import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Cue, choose, reply } from '@xidao/testkit';
import { beforeAll, describe, expect } from 'vitest';
import { installAgent } from '../../../scripts/coding-agents.mjs';
import { agents, type CodingAgent, runAgent } from './coding-agents.ts';
import { crossTo, providerDialects } from './crossing.ts';

const wanted = process.env['XIDAO_AGENTS'] === '1';
if (!wanted) console.warn('The coding agents are not tested: XIDAO_AGENTS=1 installs them (1.2 GB) and runs them.');

for (const agent of agents) {
  describe.skipIf(!wanted)(`${agent.name}, without a terminal`, () => {
    beforeAll(() => {
      const reason = installAgent(agent.name);
      if (reason !== undefined) throw new Error(`${agent.name} does not install: ${reason}`);
    });
    for (const provider of providerDialects.filter((dialect) => dialect !== agent.own)) {
      describe(`→ ${provider}`, () => {
        const crossing = crossTo(provider);
        crossing.holds('reads a file with its tool, and answers with what stands there', async () => {
          const folder = await mkdtemp(path.join(tmpdir(), 'xidao-work-'));
          const file = path.join(folder, 'note.txt');
          const word = `word-${randomBytes(6).toString('hex')}`;
          await writeFile(file, `It is ${word}.\n`);
          crossing.upstream.answer(readsAndTells(agent, file));
          const { said, complained, code } = await runAgent(
            agent,
            crossing.gateway,
            folder,
            'What stands in note.txt?',
          );
          await rm(folder, { recursive: true, force: true });
          expect(code, complained + said).toBe(0);
          expect(said).toContain(`There stands ${word}.`);

          const parts = crossing.lastAsked().messages.flatMap((message) => message.parts);
          const call = parts.find((part) => part.type === 'tool-call');
          const result = parts.find((part) => part.type === 'tool-result');
          expect(call?.name).toBe(agent.reads(file).name);
          expect(JSON.parse(call!.arguments)).toMatchObject(agent.reads(file).arguments);
          expect(result?.callId).toBe(call?.id);
          expect(JSON.stringify(result?.parts)).toContain(word);
          const records = crossing.gateway.lines.filter(({ message }) => message === 'call');
          expect(records.length).toBeGreaterThanOrEqual(2);
          expect(records.filter(({ outcome }) => outcome !== 'complete')).toEqual([]);
        });
      });
    }
  });
}

/** A model that reads the file, then tells the word that came back; beside that (titles, summaries) it says little. */
function readsAndTells(agent: CodingAgent, file: string): Cue {
  const call = agent.reads(file);
  return choose((asked) => {
    const word = /word-[0-9a-f]{12}/.exec(JSON.stringify(asked.body))?.[0];
    if (word !== undefined) return reply({ text: `There stands ${word}.` });
    const offered = asked.tools.some(({ name }) => name === call.name);
    return reply(offered ? { toolCalls: [call] } : { text: 'A note' });
  });
}
