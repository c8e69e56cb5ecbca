import { type Config, configSchema } from './schema.ts';

/** The configuration of a gateway that was given none. */
export function defaultConfig(): Config {
  return configSchema.parse({});
}
