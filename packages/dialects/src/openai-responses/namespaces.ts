/**
 * Namespaces of tools: coding agents put the tools of each MCP server into one. No other dialect has them, so each tool
 * inside is a tool of its own to the model, called `namespace__name`, and gets its short name back on the way out.
 */

import { isObject, type JsonObject } from '../json.ts';
import type { Tool } from '../request.ts';
import { asText, objectsOf } from './fields.ts';

const BETWEEN = '__';

export function nameInNamespace(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}${BETWEEN}${name}`;
}

export function nameWithoutNamespace(namespace: string | undefined, name: string): string {
  const prefix = nameInNamespace(namespace, '');
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** Undefined for a tool that is no namespace, or holds tools that are neither functions nor custom tools. */
export function toolsOfNamespace(tool: JsonObject): JsonObject[] | undefined {
  const inner = objectsOf(tool['tools']);
  const isKnown = inner.every(({ type }) => type === 'function' || type === 'custom');
  return tool['type'] === 'namespace' && asText(tool['name']) && inner.length > 0 && isKnown ? inner : undefined;
}

/** The namespace object that a tool came in, without its tools. */
export function namespaceOf(tool: Tool): JsonObject | undefined {
  const namespace = tool.type === 'hosted' ? undefined : tool.extras?.['namespace'];
  return isObject(namespace) ? namespace : undefined;
}

/** The written tools with neighbours of one namespace put back into it. */
export function regroup(tools: readonly { tool: Tool; written: JsonObject }[]): JsonObject[] {
  const grouped: JsonObject[] = [];
  let open: { name: string; tools: JsonObject[] } | undefined;
  for (const { tool, written } of tools) {
    const namespace = namespaceOf(tool);
    const name = asText(namespace?.['name']);
    if (namespace === undefined || name === undefined) {
      open = undefined;
      grouped.push(written);
      continue;
    }
    if (open?.name !== name) {
      open = { name, tools: [] };
      grouped.push({ ...namespace, tools: open.tools });
    }
    open.tools.push({ ...written, name: nameWithoutNamespace(name, String(written['name'])) });
  }
  return grouped;
}
