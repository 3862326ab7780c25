/**
 * X.509 certificates, in PEM: who vouches for which key, until when, and for what. DER is written here, never read.
 * Source: RFC 5280, sections 4.1 and 4.2; RFC 5758, section 3.2; RFC 8017, appendix A.2.4; X.690 (DER).
 */
import { createHash, type KeyObject, sign } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'

export interface CertificateFacts {
  /** The common name. */
  readonly subject: string
  readonly publicKey: KeyObject
  readonly issuer: Issuer
  /** 16 bytes; how they are chosen is the issuer's affair. */
  readonly serial: Buffer
  readonly notBefore: Date
  readonly notAfter: Date
  /** Without it the certificate has no extensions. */
  readonly use?: CertificateUse
}

export interface Issuer {
  readonly name: string
  /** RSA, or of an elliptic curve. */
  readonly key: KeyObject
}

export type CertificateUse =
  /** It vouches for servers, and for no further authority. */
  | { readonly kind: 'authority' }
  /** Names and addresses under which the server is called. */
  | { readonly kind: 'server'; readonly names: readonly string[]; readonly issuerKey: KeyObject }

export function printCertificate({ subject, publicKey, issuer, serial, notBefore, notAfter, use }: CertificateFacts): string {
  const algorithm = ALGORITHMS[issuer.key.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec']
  const told = der(
    'sequence',
    der('version', hex('integer', '02')),
    der('integer', positive(serial)),
    algorithm,
    nameOf(issuer.name),
    der('sequence', timeOf(notBefore), timeOf(notAfter)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(use === undefined ? [] : [der('extensions', der('sequence', ...extensionsOf(use, publicKey)))]),
  )
  const certificate = der('sequence', told, algorithm, bits(sign('sha256', told, issuer.key)))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  bytes: 0x04,
  null: 0x05,
  oid: 0x06,
  text: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  /** Within an extension's own choice. */
  keyId: 0x80,
  dnsName: 0x82,
  ipAddress: 0x87,
}

/** `sha256WithRSAEncryption`, whose parameters are null, and `ecdsa-with-SHA256`, which has none. */
const ALGORITHMS = {
  rsa: der('sequence', hex('oid', '2a864886f70d01010b'), der('null')),
  ec: der('sequence', hex('oid', '2a8648ce3d040302')),
}
const COMMON_NAME = '550403'
const EXTENSIONS = {
  subjectKeyId: '551d0e',
  keyUsage: '551d0f',
  subjectNames: '551d11',
  constraints: '551d13',
  authorityKeyId: '551d23',
  extendedUsage: '551d25',
}
const SERVER_AUTH = '2b06010505070301'
/** Bits from the left, after the count of those that are unused: keyCertSign and cRLSign; digitalSignature. */
const KEY_USES = { authority: '0106', server: '0780' }

function extensionsOf(use: CertificateUse, key: KeyObject): Buffer[] {
  const own = [
    critical(EXTENSIONS.keyUsage, hex('bits', KEY_USES[use.kind])),
    extension(EXTENSIONS.subjectKeyId, der('bytes', keyIdOf(key))),
  ]
  if (use.kind === 'authority')
    return [critical(EXTENSIONS.constraints, der('sequence', hex('boolean', 'ff'), hex('integer', '00'))), ...own]
  return [
    critical(EXTENSIONS.constraints, der('sequence')),
    ...own,
    extension(EXTENSIONS.authorityKeyId, der('sequence', der('keyId', keyIdOf(use.issuerKey)))),
    extension(EXTENSIONS.extendedUsage, der('sequence', hex('oid', SERVER_AUTH))),
    extension(EXTENSIONS.subjectNames, der('sequence', ...use.names.map(subjectNameOf))),
  ]
}

const extension = (oid: string, value: Buffer): Buffer => der('sequence', hex('oid', oid), der('bytes', value))
const critical = (oid: string, value: Buffer): Buffer =>
  der('sequence', hex('oid', oid), hex('boolean', 'ff'), der('bytes', value))

/** RFC 7093, section 2: the first 160 bits of a digest of the key. */
const keyIdOf = (key: KeyObject): Buffer =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20)

const subjectNameOf = (name: string): Buffer =>
  isIP(name) === 0 ? der('dnsName', Buffer.from(name, 'latin1')) : der('ipAddress', addressBytes(name))

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  // As a URL writes it: groups of hexadecimal digits alone, and at most one gap.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string | undefined): string[] => text?.split(':').filter(Boolean) ?? []
  const [before, after] = [groups(head), groups(tail)]
  const gap = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return Buffer.from([...before, ...gap, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

const nameOf = (commonName: string): Buffer =>
  der('sequence', der('set', der('sequence', hex('oid', COMMON_NAME), der('text', Buffer.from(commonName)))))

/** Years from 2050 on need four digits. */
function timeOf(at: Date): Buffer {
  const digits = at.toISOString().replace(/\.\d+|[-:T]/g, '')
  return at.getUTCFullYear() < 2050 ? der('utcTime', Buffer.from(digits.slice(2))) : der('generalizedTime', Buffer.from(digits))
}

/** Neither negative nor with a leading zero. */
function positive(serial: Buffer): Buffer {
  const number = Buffer.from(serial)
  number.writeUInt8((number.readUInt8(0) & 0x3f) | 0x40, 0)
  return number
}

function hex(tag: keyof typeof TAGS, content: string): Buffer {
  return der(tag, Buffer.from(content, 'hex'))
}

const bits = (content: Buffer): Buffer => der('bits', Buffer.from([0]), content)

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
