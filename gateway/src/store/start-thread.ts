import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

/** Calls after which V8 compiles a wrapper of its own for an import of a WebAssembly module; nothing calls so often. */
const NEVER_COMPILED = 1_000_000_000;

/**
 * Starts a thread of the store from the module of this name beside another one, of its kind: `.ts` when run from source, `.js` when
 * built. It gets nothing of the environment, where the providers' keys are.
 *
 * What runs in such a thread must use no WebAssembly, as the main thread does (the HTTP client's parser). V8 shares the compiled
 * wrappers of imports between threads, and that of Node 24 frees one twice when a thread drops it while another takes it up: the
 * process dies with `Check failed: jit_page.has_value()` or of a segmentation fault. Built code has none here; from source, Node
 * takes the types away with WebAssembly, so there no wrapper is ever compiled, and none can be freed.
 */
export function startThread(name: string, beside: string, workerData: unknown): Worker {
  const isSource = beside.endsWith('.ts');
  if (isSource) setFlagsFromString(`--wasm-wrapper-tiering-budget=${NEVER_COMPILED}`);
  return new Worker(new URL(`./${name}${isSource ? '.ts' : '.js'}`, beside), {
    workerData,
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
}
