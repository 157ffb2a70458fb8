import type { HostPort } from '../../endpoint/endpoint-url.ts';
import type { Output } from '../../output/output.ts';
import type { Address } from './listen-at.ts';

/** Says where clients, and those who ask for metrics, can come to. */
export function announce(output: Output, addresses: readonly Address[], metrics: HostPort | undefined): void {
  const all = [...addresses, ...(metrics === undefined ? [] : [{ protocol: 'metrics', ...metrics }])];
  for (const { protocol, host, port } of all) {
    output.event({ event: 'listening', protocol, host, port });
    output.line(`listening for ${protocol} on ${host}:${port}`);
  }
}
