import { shortHash } from './call-ids.ts';

// Google's documents name 64 and 128 as the greatest length; 64 is taken everywhere.
const ALLOWED = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;

export interface ToolNames {
  /** The name under which the model knows the tool. */
  write(name: string): string;
  /** Written name → the client's own, for those that had to change. */
  changed: Map<string, string>;
}

/** Rewrites tool names outside Gemini's rule (letter or underscore first; letters, digits, `_.:-`), the same way every time. */
export function createToolNames(): ToolNames {
  const changed = new Map<string, string>();
  return {
    changed,
    write(name) {
      if (ALLOWED.test(name)) return name;
      const written = `${rewrite(name).slice(0, 50)}_${shortHash(name)}`.slice(0, 64);
      changed.set(written, name);
      return written;
    },
  };
}

function rewrite(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9_.:-]/g, '_');
  return /^[A-Za-z_]/.test(safe) ? safe : `_${safe}`;
}
