import { expect, test } from 'vitest';
import { sse } from './sse.ts';

test('reads events with any line end, names, comments, many data lines and a byte order mark', () => {
  const text =
    '\uFEFFevent: a\r\ndata: {"x":1}\r\n\r\n: hush\n\ndata:one\ndata: two\nid: 7\n\nevent: empty\n\ndata: [DONE]\r\rdata: half';
  expect(sse(text)).toEqual({
    events: [
      { event: 'a', data: '{"x":1}', id: undefined, json: { x: 1 } },
      { event: undefined, data: 'one\ntwo', id: '7', json: undefined },
      { event: undefined, data: '[DONE]', id: undefined, json: undefined },
    ],
    comments: ['hush'],
    unfinished: 'data: half',
  });
});
