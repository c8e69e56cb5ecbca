import type { BodyOutline } from './call.ts';
import { GatewayError } from './errors.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Past this many bytes of one string the native search is faster than the loop. */
const LONG_STRING = 48;
const DEEPEST = 512;

/**
 * Walks a JSON object's bytes once, without parsing, and tells where the values of the watched top-level keys stand.
 * Strings are skipped, structure is checked (RFC 8259 but for escapes and control characters inside strings), so what passes here can be forwarded
 * as it is. Throws `invalid_json` with the position else.
 */
export function outlineBody(bytes: Buffer, watched: readonly string[]): BodyOutline {
  let at = skipByteOrderMark(bytes);
  at = skipSpace(bytes, at);
  if (bytes[at] !== OPEN_BRACE) throw unexpected(bytes, at, 'a JSON object');
  const outline: BodyOutline = { start: at, isEmpty: false, values: {}, isPlain: true };
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === CLOSE_BRACE) {
    outline.isEmpty = true;
    return ended(bytes, at + 1, outline);
  }
  for (;;) {
    if (bytes[at] !== QUOTE) throw unexpected(bytes, at, 'a key in double quotes');
    const keyEnd = endOfString(bytes, at);
    const key = watchedKey(bytes, at + 1, keyEnd - 1, watched, outline);
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== COLON) throw unexpected(bytes, at, '":"');
    const from = skipSpace(bytes, at + 1);
    const to = endOfValue(bytes, from);
    if (key !== undefined) {
      if (outline.values[key] !== undefined) outline.isPlain = false;
      outline.values[key] = { from, to };
    }
    at = skipSpace(bytes, to);
    if (bytes[at] === CLOSE_BRACE) return ended(bytes, at + 1, outline);
    if (bytes[at] !== COMMA) throw unexpected(bytes, at, '"," or "}"');
    at = skipSpace(bytes, at + 1);
  }
}

function ended(bytes: Buffer, at: number, outline: BodyOutline): BodyOutline {
  const rest = skipSpace(bytes, at);
  if (rest < bytes.length) throw unexpected(bytes, rest, 'the end of the body');
  return outline;
}

function watchedKey(
  bytes: Buffer,
  from: number,
  to: number,
  watched: readonly string[],
  outline: BodyOutline,
): string | undefined {
  // An escaped key may spell a watched one ("mod\u0065l"): another reader would see it, so the bytes are not to be trusted.
  for (let at = from; at < to; at++) {
    if (bytes[at] === BACKSLASH) {
      outline.isPlain = false;
      return undefined;
    }
  }
  for (const key of watched) {
    if (key.length === to - from && matches(bytes, from, key)) return key;
  }
  return undefined;
}

function matches(bytes: Buffer, from: number, key: string): boolean {
  for (let index = 0; index < key.length; index++) {
    if (bytes[from + index] !== key.charCodeAt(index)) return false;
  }
  return true;
}

/** The position after the value that begins at `at`. */
function endOfValue(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return endOfString(bytes, at);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfContainer(bytes, at);
  return endOfScalar(bytes, at);
}

function endOfContainer(bytes: Buffer, start: number): number {
  const closers: number[] = [];
  let at = start;
  let wantsKey = false;
  for (;;) {
    // Here a value (or, in an object, a key) begins.
    at = skipSpace(bytes, at);
    const byte = bytes[at];
    if (wantsKey) {
      if (byte !== QUOTE) throw unexpected(bytes, at, 'a key in double quotes');
      at = skipSpace(bytes, endOfString(bytes, at));
      if (bytes[at] !== COLON) throw unexpected(bytes, at, '":"');
      wantsKey = false;
      at += 1;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (closers.length === DEEPEST)
        throw new GatewayError('invalid_json', `The body is nested deeper than ${DEEPEST} levels.`);
      const closer = byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
      closers.push(closer);
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== closer) {
        wantsKey = closer === CLOSE_BRACE;
        continue;
      }
    } else if (byte === QUOTE) {
      at = endOfString(bytes, at);
    } else {
      at = endOfScalar(bytes, at);
    }
    // Here a value has ended: close what closes, or go on after a comma.
    for (;;) {
      at = skipSpace(bytes, at);
      const closer = closers[closers.length - 1]!;
      if (bytes[at] === closer) {
        closers.pop();
        at += 1;
        if (closers.length === 0) return at;
        continue;
      }
      if (bytes[at] !== COMMA) throw unexpected(bytes, at, `"," or "${String.fromCharCode(closer)}"`);
      at += 1;
      wantsKey = closer === CLOSE_BRACE;
      break;
    }
  }
}

const SCALAR = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

function endOfScalar(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isScalarByte(bytes[at]!)) at += 1;
  if (
    !isKnownWord(bytes, from, at) &&
    !isPlainInteger(bytes, from, at) &&
    !SCALAR.test(bytes.toString('latin1', from, at))
  )
    throw unexpected(bytes, from, 'a value');
  return at;
}

/** Digits without a leading zero, the usual number; all others go the slow way. */
function isPlainInteger(bytes: Buffer, from: number, to: number): boolean {
  if (from === to || (bytes[from] === 0x30 && to - from > 1)) return false;
  for (let at = from; at < to; at++) {
    if (bytes[at]! < 0x30 || bytes[at]! > 0x39) return false;
  }
  return true;
}

function isScalarByte(byte: number): boolean {
  // Letters, digits, and + - . : everything a number or a word is made of.
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x2b ||
    byte === 0x45
  );
}

function isKnownWord(bytes: Buffer, from: number, to: number): boolean {
  const length = to - from;
  return (
    (length === 4 && (matches(bytes, from, 'true') || matches(bytes, from, 'null'))) ||
    (length === 5 && matches(bytes, from, 'false'))
  );
}

/** The position after the closing quote of the string that opens at `open`. */
function endOfString(bytes: Buffer, open: number): number {
  let at = open + 1;
  const nearEnd = Math.min(bytes.length, at + LONG_STRING);
  while (at < nearEnd) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1)
      throw new GatewayError(
        'invalid_json',
        `The body is not valid JSON: the string that opens at byte ${open} never ends.`,
      );
    if (!isEscaped(bytes, quote, at)) return quote + 1;
    at = quote + 1;
  }
}

/** Whether an odd number of backslashes stands before `quote`; none before `from` counts, as that was already read. */
function isEscaped(bytes: Buffer, quote: number, from: number): boolean {
  let backslashes = 0;
  for (let at = quote - 1; at >= from && bytes[at] === BACKSLASH; at--) backslashes += 1;
  return backslashes % 2 === 1;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at += 1;
  }
}

function skipByteOrderMark(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function unexpected(bytes: Buffer, at: number, expected: string): GatewayError {
  if (at >= bytes.length) {
    const what =
      bytes.length === 0 ? 'The body is empty' : `The body is not valid JSON: it ends at byte ${bytes.length}`;
    return new GatewayError('invalid_json', `${what}, where ${expected} was expected.`);
  }
  return new GatewayError('invalid_json', `The body is not valid JSON: expected ${expected} at byte ${at}.`);
}
