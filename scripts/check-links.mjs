// Every path and link in the docs leads somewhere: relative links, and paths in backticks that look like files of this repository.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);
const ROOTED = /^(?:gateway|packages|scripts|docs|bench|deploy|examples|console|sdks)\/[\w./-]+$/;
const wrong = [];

for (const file of files) {
  if (!existsSync(file)) continue;
  const text = readFileSync(file, 'utf8');
  for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(?:https?:|mailto:|#)/.test(link)) continue;
    const target = path.join(path.dirname(file), decodeURI(link.split('#')[0]));
    if (!existsSync(target)) wrong.push(`${file}: the link ${link} leads nowhere.`);
  }
  // A path of a recipe is often one to be made; those hold a placeholder name.
  for (const [, quoted] of text.matchAll(/`([^`\s]+)`/g)) {
    const place = quoted.split(':')[0].replace(/\/$/, '');
    if (ROOTED.test(place) && !/acme|dist|node_modules|bench\/build/.test(place) && !existsSync(place))
      wrong.push(`${file}: there is no ${quoted}.`);
  }
}
for (const file of execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.mjs'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean)) {
  if (!existsSync(file)) continue;
  for (const [place] of readFileSync(file, 'utf8').matchAll(/docs\/decisions\/[\w-]+\.md/g)) {
    if (!existsSync(place)) wrong.push(`${file}: there is no ${place}.`);
  }
}

if (wrong.length > 0) {
  console.log(wrong.join('\n'));
  process.exit(1);
}
