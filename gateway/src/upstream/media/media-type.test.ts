import { expect, test } from 'vitest';
import { type FetchedMedia, seenType, typeOfFetched } from './media-type.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

test.each([
  ['image/png', bytes('89504e470d0a1a0a 0000')],
  ['image/jpeg', bytes('ffd8ffe0 0010')],
  ['image/gif', Buffer.from('GIF89a…')],
  ['image/webp', Buffer.from('RIFF\x01\x02\x03\x04WEBPVP8 ', 'latin1')],
  ['image/avif', Buffer.from('\0\0\0\x1cftypavif', 'latin1')],
  ['application/pdf', Buffer.from('junk\n%PDF-1.7')],
])('the first bytes show %s', (type, content) => {
  expect(seenType(content)).toBe(type);
});

test.each([[Buffer.from('<html>')], [Buffer.alloc(0)], [Buffer.from('RIFF0000WAVE')]])(
  '%s shows nothing',
  (content) => {
    expect(seenType(content)).toBeUndefined();
  },
);

const media = (told: string | undefined, seen: string | undefined): FetchedMedia => ({
  data: '',
  bytes: 1,
  told,
  seen,
});
const image = { type: 'image', source: { kind: 'url', url: 'https://a.test/b' } } as const;
const file = { type: 'file', source: { kind: 'url', url: 'https://a.test/b', mediaType: 'text/csv' } } as const;

test.each([
  ['the bytes are believed before the host', media('image/jpeg', 'image/png'), image, 'image/png'],
  ['the host is believed where bytes show nothing', media('image/svg+xml', undefined), image, 'image/svg+xml'],
  [
    'a vague word of the host gives way to the client’s',
    media('application/octet-stream', undefined),
    file,
    'text/csv',
  ],
  ['a page is no file that anybody forbids', media('text/html', undefined), file, 'text/html'],
])('%s', (_, fetched, part, mediaType) => {
  expect(typeOfFetched(fetched, part)).toEqual({ mediaType });
});

test.each([
  ['a page instead of an image', media('text/html', undefined), image, 'it is no image but text/html'],
  [
    'a document instead of an image',
    media('image/png', 'application/pdf'),
    image,
    'it is no image but application/pdf',
  ],
  ['an image in name only', media('image/png', undefined), image, 'its host calls it image/png'],
  ['a PDF in name only', media('application/pdf', undefined), file, 'its host calls it application/pdf'],
])('refuses %s', (_, fetched, part, refusal) => {
  expect(typeOfFetched(fetched, part)).toEqual({ refusal: expect.stringContaining(refusal) });
});
