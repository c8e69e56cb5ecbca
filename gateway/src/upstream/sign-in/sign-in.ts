import type { Agent } from 'undici';
import type { Clock } from '../../core/clock.ts';
import type { Auth } from '../../providers/provider.ts';
import { createAccessTokens } from './access-tokens.ts';
import { type RequestToSign, signAws } from './sign-aws.ts';

/** Gives the headers that say who asks, for one request. */
export type SignIn = (request: RequestToSign) => Record<string, string> | Promise<Record<string, string>>;

export interface SignInDeps {
  /** The provider's name in configuration, for messages. */
  name: string;
  auth: Auth;
  settings: Record<string, string>;
  agent: Agent;
  clock: Clock;
}

/** How to sign in where no fixed header does. Undefined: the key travels the same with every request, or there is none. */
export function createSignIn({ name, auth, settings, agent, clock }: SignInDeps): SignIn | undefined {
  switch (auth.kind) {
    case 'sigv4': {
      const key = {
        accessKeyId: settings['access_key_id'] ?? '',
        secretAccessKey: settings['secret_access_key'] ?? '',
        sessionToken: settings['session_token'],
      };
      const scope = { region: settings['region'] ?? '', service: auth.service };
      return (request) => signAws(request, key, { ...scope, nowMs: clock.wallMs() });
    }
    case 'jwt-grant': {
      const credentials = settings['credentials'] ?? '';
      const token = createAccessTokens({ name, credentials, scope: auth.scope, agent, clock });
      return async () => ({ authorization: `Bearer ${await token()}` });
    }
    case 'bearer':
    case 'header':
    case 'none':
      return undefined;
  }
}
