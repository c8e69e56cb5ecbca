const PICO_DIGITS = 12;

/** Pico-dollars as dollars, exact and without an exponent: `0.000000000012`, `-3.5`, `12`. */
export function dollarsOf(pico: bigint | number): string {
  const whole = BigInt(pico);
  const digits = (whole < 0n ? -whole : whole).toString().padStart(PICO_DIGITS + 1, '0');
  const fraction = digits.slice(-PICO_DIGITS).replace(/0+$/, '');
  return `${whole < 0n ? '-' : ''}${digits.slice(0, -PICO_DIGITS)}${fraction === '' ? '' : `.${fraction}`}`;
}
