import { isObject, type JsonObject } from './json.ts';

/** Tool arguments as the object that services want. What is no object goes into one, unread. */
export function parseArguments(text: string): { input: JsonObject; isWrapped: boolean } {
  if (text.trim() === '') return { input: {}, isWrapped: false };
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { input: value, isWrapped: false };
  } catch {
    // Cut at the token limit, or never JSON: told as it is below.
  }
  return { input: { arguments: text }, isWrapped: true };
}
