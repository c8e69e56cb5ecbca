/** The query of what was given, by the names of the management API; with `?` where there is anything. */
export function writeQuery(given: object): string {
  const asked = Object.entries(given).filter(([, value]) => value !== undefined && value !== '');
  return asked.length === 0
    ? ''
    : `?${new URLSearchParams(asked.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
