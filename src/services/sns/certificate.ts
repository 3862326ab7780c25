/** The certificate about SNS's key, which signs itself. The same key always gives the same certificate. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

import { printCertificate } from '../../wire/certificate.ts'

const NOT_BEFORE = new Date('2020-01-01T00:00:00Z')
const NOT_AFTER = new Date('2049-12-31T23:59:59Z')
const SERIAL_BYTES = 16

/** PEM. */
export function selfSignedCertificate(key: KeyObject, commonName: string): string {
  const publicKey = createPublicKey(key)
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return printCertificate({
    subject: commonName,
    publicKey,
    issuer: { name: commonName, key },
    serial: createHash('sha256').update(spki).digest().subarray(0, SERIAL_BYTES),
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
  })
}
