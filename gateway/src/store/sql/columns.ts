/** The columns of a change: `expiresAtMs` is kept in `expires_at_ms`, lists and objects as JSON. What is undefined stays as it is. */
export function columnsOf(change: object): Record<string, string | number | null> {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([field, value]) => [columnOf(field), columnValue(value)]));
}

function columnOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function columnValue(value: unknown): string | number | null {
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : (value as string | number | null);
}
