import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';

const COLONS = /:/g;
const CERTIFICATE_FORM = /^[0-9a-f]{64}$/i;
const PUBLIC_KEY_FORM = /^sha256\/\/?([A-Za-z0-9+/]{43}=)$/;

/** What a certificate must be. */
interface Fingerprint {
  readonly of: 'certificate' | 'publicKey';
  readonly digest: Buffer;
}

/** @throws TypeError when a fingerprint has none of the forms that there are. */
export function parseFingerprints(fingerprints: readonly string[]): readonly Fingerprint[] {
  if (fingerprints.length === 0) throw new TypeError('a list of fingerprints without one would accept nothing');
  return fingerprints.map((text) => {
    const hex = text.replace(COLONS, '');
    if (CERTIFICATE_FORM.test(hex)) return { of: 'certificate', digest: Buffer.from(hex, 'hex') };
    const base64 = PUBLIC_KEY_FORM.exec(text)?.[1];
    if (base64 !== undefined) return { of: 'publicKey', digest: Buffer.from(base64, 'base64') };
    throw new TypeError(
      'a fingerprint is the SHA-256 of a certificate in 64 hexadecimal digits, or sha256/ and that of its key in base64',
    );
  });
}

/** Whether a certificate in DER is one of those that are accepted. */
export function isPinned(certificate: Uint8Array, fingerprints: readonly Fingerprint[]): boolean {
  const digests = {
    certificate: sha256(certificate),
    publicKey: sha256(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })),
  };
  return fingerprints.some(({ of, digest }) => timingSafeEqual(digest, digests[of]));
}

/** The fingerprint of a certificate as people compare it: pairs of hexadecimal digits, with colons. */
export function fingerprintOf(certificate: Uint8Array): string {
  return sha256(certificate)
    .toString('hex')
    .toUpperCase()
    .replace(/..(?!$)/g, '$&:');
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
