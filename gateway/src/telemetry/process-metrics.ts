import { Gauge, type Registry } from 'prom-client';

/**
 * The process itself, under the usual names, read when somebody asks. The library's own set watches every garbage collection and the event loop all the time, which
 * every call would pay for.
 */
export function tellProcess(registry: Registry): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('process_cpu_seconds_total', 'CPU time spent, in user mode and in the kernel.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_cpu_user_seconds_total', 'CPU time spent in user mode.', () => process.cpuUsage().user / 1e6);
  gauge('process_cpu_system_seconds_total', 'CPU time spent in the kernel.', () => process.cpuUsage().system / 1e6);
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('nodejs_heap_size_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed);
  gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', () =>
    Math.round(Date.now() / 1000 - process.uptime()),
  );
  gauge(
    'nodejs_eventloop_utilization',
    'Share of time in which the event loop was busy, since the start.',
    () => performance.eventLoopUtilization().utilization,
  );
}
