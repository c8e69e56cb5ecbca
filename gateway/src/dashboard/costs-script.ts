/** What runs in the page. Texts are only ever set as text, never as markup: names of teams and models are of anybody's making. */
export const COSTS_SCRIPT = String.raw`'use strict';
const KEY = 'xidao-key';
const FILTERS = ['organisation', 'team', 'project', 'user', 'key', 'model', 'provider', 'variant', 'tag'];
const PERIODS = [['24h', '24 hours'], ['7d', '7 days'], ['30d', '30 days'], ['month', 'This month'], ['year', 'This year']];
const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

function queryOf(more) {
  const query = new URLSearchParams(more);
  for (const name of FILTERS) if (asked.has(name)) query.set(name, asked.get(name));
  if (asked.has('from')) query.set('from', asked.get('from'));
  else query.set('period', asked.get('period') || '24h');
  if (asked.has('to')) query.set('to', asked.get('to'));
  return query;
}

async function ask(place) {
  const response = await fetch('../admin/v1/' + place, {
    headers: { authorization: 'Bearer ' + sessionStorage.getItem(KEY) },
    cache: 'no-store',
    redirect: 'error',
  });
  const told = await response.json();
  if (response.ok) return told;
  const error = new Error((told.error && told.error.message) || 'The gateway answers ' + response.status + '.');
  error.status = response.status;
  throw error;
}

/** Null is not known, and no zero. */
function dollars(exact) {
  if (exact === null || exact === undefined) return 'unpriced';
  const value = Number(exact);
  const digits = Math.abs(value) >= 100 || value === 0 ? 2 : Math.abs(value) >= 0.01 ? 4 : 6;
  return '$' + value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits });
}

const count = (number) => Number(number).toLocaleString('en-US');

function costOf(sums) {
  return dollars(sums.cost_usd) + (sums.cost_usd !== null && sums.unpriced_attempts > 0 ? ' + unpriced' : '');
}

function bar(share, isOver) {
  const cell = element('td', undefined, 'share');
  const made = element('div', undefined, isOver ? 'bar over' : 'bar');
  made.style.width = Math.max(0, Math.min(100, share * 100)) + '%';
  made.setAttribute('role', 'presentation');
  cell.append(made);
  return cell;
}

function table(titles, rows) {
  const made = element('table');
  const head = made.createTHead().insertRow();
  for (const [title, className] of titles) {
    const cell = element('th', title, className);
    cell.scope = 'col';
    head.append(cell);
  }
  const body = made.createTBody();
  for (const cells of rows) body.insertRow().append(...cells);
  return made;
}

function spend(place, report, nameOf, linkOf) {
  const most = Math.max(0, ...report.rows.map((row) => Number(row.cost_usd)));
  const rows = report.rows.map((row) => {
    const name = element('td');
    const link = linkOf && linkOf(row);
    if (link) {
      const made = element('a', nameOf(row));
      made.href = link;
      name.append(made);
    } else name.textContent = nameOf(row);
    return [
      name,
      bar(most > 0 ? Number(row.cost_usd) / most : 0),
      element('td', costOf(row), 'figure'),
      element('td', count(row.calls), 'figure'),
      element('td', count(row.input_tokens) + ' / ' + count(row.output_tokens), 'figure'),
    ];
  });
  const titles = [[''], [''], ['Cost', 'figure'], ['Calls', 'figure'], ['Tokens in / out', 'figure']];
  at(place).replaceChildren(rows.length > 0 ? table(titles, rows) : element('p', 'No calls.'));
  if (report.truncated) at(place).append(element('p', 'There are more rows.'));
}

/** The same page with one thing of the query changed. */
function linkWith(name, value) {
  const query = new URLSearchParams(asked);
  query.set(name, value);
  if (name === 'period') ['from', 'to'].forEach((other) => query.delete(other));
  return '?' + query;
}

const only = (dimension) => (row) =>
  linkWith(dimension, row[dimension] === null ? '(none)' : row[dimension].replaceAll(',', '\\,'));

function totals(report, about) {
  const { total } = report;
  const facts = [['Cost', costOf(total)], ['Calls', count(total.calls)], ['Tokens in', count(total.input_tokens)], ['Tokens out', count(total.output_tokens)]];
  if (total.unpriced_attempts > 0) facts.push(['Attempts of no known price', count(total.unpriced_attempts)]);
  if (total.estimated_attempts > 0) facts.push(['Attempts of estimated usage', count(total.estimated_attempts)]);
  if (Number(total.unseen_cost_usd) > 0) facts.push(['Of it unseen by clients', dollars(total.unseen_cost_usd)]);
  at('totals').replaceChildren(
    ...facts.map(([name, figure]) => {
      const pair = element('div');
      pair.append(element('dt', name), element('dd', figure));
      return pair;
    }),
  );
  const filters = FILTERS.filter((name) => asked.has(name)).map((name) => name + ' ' + asked.get(name));
  at('about').textContent = [report.from + ' to ' + report.to, ...filters].join(' · ');
}

function savings({ data }) {
  const words = { cache: 'Cache', routing: 'Routing', 'prompt-cache': 'Prompt caching' };
  const rows = data.map((line) => [
    element('td', words[line.by] || line.by),
    element('td', dollars(line.saved_usd), 'figure'),
    element('td', count(line.calls), 'figure'),
    element('td', line.formula),
  ]);
  at('savings').replaceChildren(table([[''], ['Saved', 'figure'], ['Calls', 'figure'], ['Reckoned as']], rows));
}

/** A gateway without budgets has none to show; of a team that is asked for, its own. */
async function budgets() {
  const scope = asked.has('team') ? '&scope=team&scope_id=' + encodeURIComponent(asked.get('team')) : '';
  const { data } = await ask('budgets?limit=200' + scope).catch(() => ({ data: [] }));
  at('budgets-section').hidden = data.length === 0;
  const rows = data.map((budget) => [
    element('td', budget.name),
    bar(budget.used, budget.used >= 1),
    element('td', dollars(budget.spent_usd) + ' of ' + dollars(budget.amount_usd), 'figure'),
    element('td', budget.window_ends_at ? budget.period + ', until ' + budget.window_ends_at : budget.period, 'figure'),
  ]);
  at('budgets').replaceChildren(table([[''], [''], ['Spent', 'figure'], ['', 'figure']], rows));
}

async function show() {
  at('trouble').hidden = true;
  const [byTeam, byModel, byDay, saved] = await Promise.all([
    ask('costs?' + queryOf({ by: 'team', limit: '50' })),
    ask('costs?' + queryOf({ by: 'model,provider', limit: '50' })),
    ask('costs?' + queryOf({ each: 'day', limit: '400' })),
    ask('savings?' + queryOf({})),
    budgets(),
  ]);
  totals(byTeam);
  spend('by-team', byTeam, (row) => row.team ?? '(none)', only('team'));
  spend('by-model', byModel, (row) => (row.provider === null ? '' : row.provider + '/') + row.model, only('model'));
  spend('by-day', byDay, (row) => row.starts_at.slice(0, 10));
  savings(saved);
  at('enter').hidden = true;
  at('figures').hidden = at('leave').hidden = false;
}

function askForKey(trouble) {
  sessionStorage.removeItem(KEY);
  at('figures').hidden = at('leave').hidden = true;
  at('enter').hidden = false;
  at('key').focus();
  tell(trouble);
}

function tell(trouble) {
  at('trouble').textContent = trouble || '';
  at('trouble').hidden = !trouble;
}

function start() {
  show().catch((error) => {
    if (error.status === 401 || error.status === 403) askForKey(error.message);
    else tell(error.message);
  });
}

for (const [period, words] of PERIODS) {
  const link = element('a', words);
  link.href = linkWith('period', period);
  if (!asked.has('from') && (asked.get('period') || '24h') === period) link.setAttribute('aria-current', 'true');
  at('periods').append(link);
}
at('enter').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, at('key').value.trim());
  at('key').value = '';
  start();
});
at('leave').addEventListener('click', () => askForKey());
if (sessionStorage.getItem(KEY)) start();
else askForKey();
`;
