/**
 * A self-signed X.509 certificate about an RSA key, in PEM. The same key always gives the same certificate.
 * Source: RFC 5280, section 4.1; X.690 (DER).
 */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'

const TAGS = {
  integer: 0x02,
  bits: 0x03,
  null: 0x05,
  oid: 0x06,
  text: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
}

/** sha256WithRSAEncryption, and the attribute type of a common name. */
const SHA256_RSA = '2a864886f70d01010b'
const COMMON_NAME = '550403'
/** The longest that two digits of a year can tell. */
const VALIDITY = ['200101000000Z', '491231235959Z']
const SERIAL_BYTES = 16
const LINE_CHARS = 64

export function selfSignedCertificate(key: KeyObject, commonName: string): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const algorithm = der('sequence', hex('oid', SHA256_RSA), der('null'))
  const name = der('sequence', der('set', der('sequence', hex('oid', COMMON_NAME), der('text', Buffer.from(commonName)))))
  const told = der(
    'sequence',
    der('version', hex('integer', '02')),
    der('integer', serialOf(spki)),
    algorithm,
    name,
    der('sequence', ...VALIDITY.map((time) => der('utcTime', Buffer.from(time)))),
    name,
    spki,
  )
  const signature = sign('sha256', told, key)
  const certificate = der('sequence', told, algorithm, der('bits', Buffer.from([0]), signature))
  const lines = certificate.toString('base64').match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** Positive, and without a leading zero. */
function serialOf(spki: Buffer): Buffer {
  const digest = createHash('sha256').update(spki).digest().subarray(0, SERIAL_BYTES)
  digest.writeUInt8((digest.readUInt8(0) & 0x3f) | 0x40, 0)
  return digest
}

const hex = (tag: keyof typeof TAGS, content: string): Buffer => der(tag, Buffer.from(content, 'hex'))

function der(tag: keyof typeof TAGS, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([TAGS[tag]]), lengthOf(body.length), body])
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes])
  const digits = bytes.toString(16)
  const written = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  return Buffer.concat([Buffer.from([0x80 | written.length]), written])
}
