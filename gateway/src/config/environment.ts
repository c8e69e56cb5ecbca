/** The process's environment. The only place that reads it; everything else takes it as an argument. */
export function readEnvironment(): Environment {
  return { ...process.env };
}

export type Environment = Readonly<Record<string, string | undefined>>;
