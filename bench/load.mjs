import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

function loadArguments({
  target,
  bodyFile,
  connections,
  count,
  rate,
  rampSeconds,
  events,
  holdSeconds,
  timeoutSeconds,
}) {
  const args = ['--port', target.port, '--path', target.path, '--body', bodyFile, '--connections', connections];
  for (const header of target.headers) args.push('--header', header);
  if (count) args.push('--count', count);
  if (rate) args.push('--rate', rate);
  if (rampSeconds) args.push('--ramp-seconds', rampSeconds);
  if (events) args.push('--expect-events', events);
  if (holdSeconds) args.push('--hold-seconds', holdSeconds);
  return [...args, '--timeout-seconds', timeoutSeconds].map(String);
}

/** Runs the load client once and resolves with its report; `onAllOpen` is called when all held streams have begun. */
export function runLoad({ program, onAllOpen, timeoutSeconds = 30, ...call }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, loadArguments({ timeoutSeconds, ...call }), { stdio: ['ignore', 'pipe', 'inherit'] });
    let report;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.event === 'all-open') onAllOpen?.();
      else report = message;
    });
    child.on('error', reject);
    child.on('close', (code) => (report ? resolve(report) : reject(new Error(`the load client ended with ${code}`))));
  });
}
