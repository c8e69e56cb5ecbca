import type { Gateway } from '../gateway.ts';

const FLUSH_PATIENCE_MS = 3_000;

/**
 * Faults that no call answers for. A promise that nobody awaited leaves the process whole: it is logged and counted. After an
 * exception that nobody caught nothing is certain: what is known is written down, and the process ends.
 */
export function watchFaults(gateway: Gateway): () => void {
  let rejections = 0;
  const onRejection = (error: unknown) => {
    rejections += 1;
    gateway.log.error({ err: error, count: rejections }, 'a promise failed and nobody was waiting for it');
  };
  const onException = (error: unknown) => {
    gateway.log.fatal({ err: error }, 'an exception was not caught; the gateway ends');
    const end = () => process.exit(1);
    setTimeout(end, FLUSH_PATIENCE_MS).unref();
    gateway.flush().then(end, end);
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return () => {
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}
