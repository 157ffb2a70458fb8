import { PROVIDERS } from './profiles.ts';
import type { Provider } from './provider.ts';

/** What a connection tells about who runs the server. */
export interface ProviderClues {
  /** The host connected to. */
  readonly host?: string | undefined;
  /** The text of the greeting. */
  readonly greeting?: string | undefined;
  readonly capabilities?: Iterable<string> | undefined;
  /** `name` of the server's answer to ID. */
  readonly serverName?: string | null | undefined;
}

/** No greeting is longer than this for a reason. */
const MOST_GREETING = 512;

/** Who runs a server, by any of the clues; undefined for one that is not known. The host tells before the others. */
export function findProvider(clues: ProviderClues): Provider | undefined {
  const host = clues.host?.toLowerCase().replace(/\.$/, '');
  const greeting = clues.greeting?.slice(0, MOST_GREETING);
  const capabilities = new Set(Array.from(clues.capabilities ?? [], (name) => name.toUpperCase()));
  const serverName = clues.serverName?.toLowerCase();
  return (
    PROVIDERS.find(
      ({ hosts }) => host !== undefined && hosts.some((own) => host === own || host.endsWith(`.${own}`)),
    ) ??
    PROVIDERS.find(({ ids = [] }) => serverName !== undefined && ids.includes(serverName)) ??
    PROVIDERS.find((provider) => greeting !== undefined && provider.greeting?.test(greeting)) ??
    PROVIDERS.find((provider) => provider.capabilities?.some((own) => capabilities.has(own)))
  );
}
