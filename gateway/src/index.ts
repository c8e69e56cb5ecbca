export type { Config, ConfigInput } from './config/schema.ts';
export { Gateway, type GatewayOptions } from './gateway.ts';
