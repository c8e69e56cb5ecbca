import type { DialectName, TargetTraits } from '@xidao/dialects';
import type { Provider } from './provider.ts';

/** What one model at this provider can take: the provider's traits, with those of the first matching pattern on top. */
export function traitsOf(provider: Provider, model: string): TargetTraits {
  const special = provider.modelTraits?.find(({ pattern }) => pattern.test(model));
  return { ...provider.traits, ...special?.traits, model };
}

/** The dialects that one model at this provider takes in chat, the preferred one first; none for a host of embeddings. */
export function dialectsOf(provider: Provider, model: string): DialectName[] {
  const special = provider.modelDialects?.find(({ pattern }) => pattern.test(model));
  const dialects = special?.dialects ?? (Object.keys(provider.speaks) as DialectName[]);
  return dialects.filter((dialect) => {
    const endpoint = provider.speaks[dialect];
    return endpoint !== undefined && endpoint.chat !== false;
  });
}
