import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findRoute } from '../http/routes.ts';
import { serveDashboard } from './serve-dashboard.ts';

let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url!, 'http://here');
    serveDashboard(request, response, pathname, search.slice(1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

test.each(['/dashboard', '/dashboard/', '/dashboard/costs', '/dashboard/costs.js'])(
  '%s is a path of the dashboard',
  (path) => {
    expect(findRoute(path)).toEqual({ kind: 'dashboard' });
  },
);

test('the page and its files may run nothing but themselves, and hold nothing inline', async () => {
  const page = await fetch(`${base}/dashboard/costs?team=backend&period=month`);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toContain(
    "default-src 'none'; script-src 'self'; style-src 'self'",
  );
  const html = await page.text();
  expect(html).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|https?:/i);
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
  expect(files).toEqual(['costs.css', 'costs.js']);
  const types = files.map(async (file) => {
    const response = await fetch(new URL(file, page.url));
    return [response.status, response.headers.get('content-type'), response.headers.get('x-content-type-options')];
  });
  expect(await Promise.all(types)).toEqual([
    [200, 'text/css; charset=utf-8', 'nosniff'],
    [200, 'text/javascript; charset=utf-8', 'nosniff'],
  ]);
});

test('a file that the browser has is not sent again', async () => {
  const { headers } = await fetch(`${base}/dashboard/costs.js`);
  const again = await fetch(`${base}/dashboard/costs.js`, { headers: { 'if-none-match': headers.get('etag')! } });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

test('what is not there leads to what is, with what was asked', async () => {
  const response = await fetch(`${base}/dashboard/?period=7d`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([302, '/dashboard/costs?period=7d']);
  expect((await fetch(`${base}/dashboard/costs`, { method: 'POST' })).status).toBe(405);
});
