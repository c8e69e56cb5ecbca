import { createAdminClient } from './admin-client.ts';
import { writeTable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  json?: boolean;
  data?: string;
}

interface ExplainOptions extends Options {
  prompt: string;
  team?: string;
  project?: string;
  user?: string;
  key?: string;
  tier?: string;
  task?: string;
  maxTokens?: number;
}

interface TargetState {
  target: string;
  breaker: string;
  reason: string | null;
  requests: number;
  failures: number;
  outstanding: number;
  first_token_ms: number | null;
  limited_for_ms: number;
}

interface Explanation {
  reason: string;
  notice?: string;
  input_tokens: number;
  decision?: { task?: string; tier?: string; candidates: { name: string; score?: number; excluded?: string }[] };
  groups: {
    name: string;
    strategy: string;
    targets: { target: string; breaker: string; barred?: string; cost_ms?: number; expected_cost_usd: number | null }[];
  }[];
}

/** Where a call would go now. */
export async function explainModel(model: string, options: ExplainOptions, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const { prompt, team, project, user, key, tier, task, maxTokens } = options;
  const told = await client.ask<Explanation>('POST', '/routes/explain', {
    body: {
      model,
      messages: [{ role: 'user', content: prompt }],
      ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    },
    ...(task !== undefined && { headers: { 'x-xidao-task': task } }),
    caller: Object.fromEntries(
      Object.entries({ team, project, user, key, tier }).filter(([, value]) => value !== undefined),
    ),
  });
  if (options.json) return terminal.out(JSON.stringify(told, null, 2));
  terminal.out(`${told.reason} (about ${told.input_tokens} input tokens)`);
  if (told.notice !== undefined) terminal.out(told.notice);
  const rows = told.groups.flatMap(({ name, strategy, targets }) =>
    targets.map(({ target, breaker, barred, cost_ms, expected_cost_usd }, index) => [
      index === 0 ? `${name} (${strategy})` : '',
      target,
      cost_ms === undefined ? '' : String(cost_ms),
      expected_cost_usd === null ? 'unpriced' : String(expected_cost_usd),
      barred ?? breaker,
    ]),
  );
  terminal.out(writeTable(['GROUP', 'TARGET', 'WAIT MS', 'EXPECTED $', 'STATE'], rows));
  const considered = told.decision?.candidates ?? [];
  if (considered.length === 0) return;
  terminal.out('');
  terminal.out(
    writeTable(
      ['CONSIDERED', 'SCORE', 'WHY NOT'],
      considered.map(({ name, score, excluded }) => [
        name,
        score === undefined ? '' : score.toFixed(3),
        excluded ?? '',
      ]),
    ),
  );
}

/** Every target that was called. */
export async function listTargets(options: Options, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const { data } = await client.ask<{ data: TargetState[] }>('GET', '/targets');
  if (options.json) return terminal.out(JSON.stringify({ data }, null, 2));
  if (data.length === 0) return terminal.out('No target was called yet.');
  const rows = data.map((state) => [
    state.target,
    state.breaker,
    String(state.requests),
    String(state.failures),
    String(state.outstanding),
    state.first_token_ms === null ? '' : String(state.first_token_ms),
    state.limited_for_ms > 0 ? `limited for ${Math.ceil(state.limited_for_ms / 1000)} s` : (state.reason ?? ''),
  ]);
  terminal.out(writeTable(['TARGET', 'BREAKER', 'CALLS', 'FAILED', 'NOW', 'FIRST TOKEN MS', ''], rows));
}

/** Forgets what is held against a target. */
export async function resetTarget(target: string, options: Options, terminal: Terminal): Promise<void> {
  const client = await createAdminClient(options, terminal);
  const state = await client.ask<TargetState>('POST', `/targets/${encodeURIComponent(target)}/reset`, {});
  terminal.out(options.json ? JSON.stringify(state, null, 2) : `${target} is asked again.`);
}
