export type Path = readonly (string | number)[];

/** What is wrong in a configuration. Never holds a value of it, since any value may be a secret. */
export interface Problem {
  path: Path;
  /** From 1. Absent: the configuration is no file. */
  line?: number;
  column?: number;
  message: string;
  /** The nearest name that would be right. */
  suggestion?: string;
}

/** A path as a key of maps. */
export function pathKey(path: Path): string {
  return path.join('\u0000');
}

/** `keys[0].name`, `models["gpt-4.1"].provider`. */
export function formatPath(path: Path): string {
  let written = '';
  for (const step of path) {
    if (typeof step === 'number') written += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) written += written === '' ? step : `.${step}`;
    else written += `["${step}"]`;
  }
  return written;
}

/** The problems for a terminal, one line each: place, path, what was expected. */
export function formatProblems(problems: readonly Problem[], file?: string): string {
  return problems
    .map(({ path, line, column, message, suggestion }) => {
      const place = [file, line, column].filter((part) => part !== undefined).join(':');
      const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
      return [place, formatPath(path), message + hint].filter((part) => part !== '').join(': ');
    })
    .join('\n');
}
