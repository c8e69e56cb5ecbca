import { createRenames, hash, type Renames } from '../chat-words.ts';
import type { ModelRequest } from '../request.ts';

const LEGAL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Tool names outside the API's rule (letters, digits and `_`, no digit first): what is legal of them, and a hash that keeps them apart. */
export function renameTools(request: ModelRequest): Renames {
  const names = request.tools.flatMap((tool) => ('name' in tool ? [tool.name] : []));
  return createRenames(
    names,
    (name) => LEGAL_NAME.test(name),
    (own, attempt) => `${own.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_')}_${hash(own, attempt).slice(0, 8)}`,
  );
}
