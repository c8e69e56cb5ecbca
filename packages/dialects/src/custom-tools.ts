/** OpenAI's custom tools take free text. To all other dialects they are functions with one text argument, `input`. */

import { isObject } from './json.ts';
import type { Tool } from './request.ts';

/** True for a call of a tool that the client declared as custom, and that another dialect told as a function. */
export function isWrappedCall(call: { name: string; custom?: true }, tools: readonly Tool[] | undefined): boolean {
  if (call.custom || tools === undefined) return false;
  return tools.some((tool) => tool.type === 'custom' && tool.name === call.name);
}

/** The free text inside `{"input": "…"}`; anything else is passed on as it is. */
export function unwrapInput(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return text;
    const [only, ...others] = Object.values(value);
    const input = value['input'] ?? (others.length === 0 ? only : undefined);
    return typeof input === 'string' ? input : text;
  } catch {
    return text;
  }
}
