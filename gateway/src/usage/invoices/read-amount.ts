import { InvoiceUnreadable } from './invoice.ts';

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const PICO_DIGITS = 12;

/**
 * An amount of dollars in whole pico-dollars, exact where it has no more than 12 decimals and rounded half up where it has. Takes what exports
 * hold: `12.5`, `0.003835980000000000000000000000`, `5e-05`, `0E-6176`. `shift` is the power of ten of the unit: -2 for cents. Throws
 * InvoiceUnreadable.
 */
export function readAmount(written: string | number, shift = 0): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(String(written).trim()) ?? [];
  if (sign === undefined || whole + fraction === '') {
    throw new InvoiceUnreadable(`${JSON.stringify(written)} is no amount of money.`);
  }
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return 0n;
  // Where the point of pico-dollars stands in the digits.
  const point = digits.length - fraction.length + Number(exponent) + shift + PICO_DIGITS;
  if (point > 30) throw new InvoiceUnreadable(`${JSON.stringify(written)} is more money than there is.`);
  const pico = BigInt(point <= 0 ? 0 : digits.slice(0, point).padEnd(point, '0')) + (isHalfUp(digits, point) ? 1n : 0n);
  return sign === '-' ? -pico : pico;
}

function isHalfUp(digits: string, point: number): boolean {
  return point >= 0 && Number(digits[point] ?? '0') >= 5;
}

/** A count of tokens or requests. Undefined: the cell is empty. Throws InvoiceUnreadable. */
export function readCount(written: unknown): number | undefined {
  if (written === undefined || written === null || written === '') return undefined;
  const count = Number(written);
  if (Number.isFinite(count) && count >= 0) return Math.round(count);
  throw new InvoiceUnreadable(`${JSON.stringify(written)} is no count.`);
}
