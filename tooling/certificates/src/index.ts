/**
 * Certificates made on the spot for tests. Nothing is kept on disk.
 * @module
 */
import { isIP } from 'node:net';
import { generate } from 'selfsigned';

export interface CertificateOptions {
  /** Names and addresses the certificate is for; the first is its common name. At least one. */
  readonly hosts: readonly string[];
  /** @defaultValue an hour ago */
  readonly validFrom?: Date;
  /** @defaultValue a day after `validFrom`, at least a day from now */
  readonly validTo?: Date;
  /** The authority that signs it, from {@link makeAuthority}; the certificate signs itself when left out. */
  readonly issuer?: Certificate;
}

/** A certificate and its private key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** What a client must trust to accept it: the issuer, or the certificate itself when it signs itself. */
  readonly ca: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A server certificate for `hosts`: self-signed, or signed by `issuer`. ECDSA on P-256 with SHA-256. */
export async function makeCertificate(options: CertificateOptions): Promise<Certificate> {
  const { hosts, issuer } = options;
  const commonName = hosts[0];
  if (commonName === undefined) throw new TypeError('a certificate needs at least one host');
  const made = await generate([{ name: 'commonName', value: commonName }], {
    ...keyOptions(options),
    ...(issuer === undefined ? {} : { ca: { key: issuer.key, cert: issuer.cert } }),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: hosts.map(alternativeName) },
    ],
  });
  return { cert: made.cert, key: made.private, ca: issuer?.cert ?? made.cert };
}

/** A certificate authority for the `issuer` of {@link makeCertificate}. */
export async function makeAuthority({
  name = 'Posthorn test authority',
  ...validity
}: {
  readonly name?: string;
  readonly validFrom?: Date;
  readonly validTo?: Date;
} = {}): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: name }], {
    ...keyOptions(validity),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: made.cert, key: made.private, ca: made.cert };
}

function keyOptions({ validFrom, validTo }: Pick<CertificateOptions, 'validFrom' | 'validTo'>) {
  const notBeforeDate =
    validFrom ?? new Date(Math.min(Date.now(), validTo?.getTime() ?? Number.POSITIVE_INFINITY) - HOUR_MS);
  const notAfterDate = validTo ?? new Date(Math.max(Date.now(), notBeforeDate.getTime()) + DAY_MS);
  return { keyType: 'ec', curve: 'P-256', algorithm: 'sha256', notBeforeDate, notAfterDate } as const;
}

function alternativeName(host: string) {
  return isIP(host) === 0 ? ({ type: 2, value: host } as const) : ({ type: 7, ip: host } as const);
}
