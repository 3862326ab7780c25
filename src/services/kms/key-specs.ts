/**
 * Which keys there are: what each may be used for, with which algorithms, and how its material is made and kept (as text).
 * Source: AWS KMS developer guide, "Key spec reference".
 */
import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC' | 'KEY_AGREEMENT'

export interface KeySpec {
  /** The first is taken for a symmetric key where none is asked for. */
  readonly usages: readonly KeyUsage[]
  readonly encryption?: readonly string[]
  readonly signing?: readonly string[]
  readonly mac?: readonly string[]
  readonly agreement?: readonly string[]
  /** Secret bytes in base64, or a private key as PKCS #8 PEM. */
  readonly generate: () => Promise<string>
}

const secret = (bytes: number) => async () => randomBytes(bytes).toString('base64')
/** Of a long RSA key it takes a second: not in the way of others. */
const generatePair = promisify(generateKeyPair)
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

const rsa = (modulusLength: number): KeySpec => ({
  usages: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  encryption: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
  signing: ['PKCS1_V1_5', 'PSS'].flatMap((padding) => ['256', '384', '512'].map((bits) => `RSASSA_${padding}_SHA_${bits}`)),
  generate: async () => pemOf((await generatePair('rsa', { modulusLength })).privateKey),
})
const curve = (namedCurve: string, hash: string, usages: readonly KeyUsage[] = ['SIGN_VERIFY', 'KEY_AGREEMENT']): KeySpec => ({
  usages,
  signing: [`ECDSA_${hash}`],
  agreement: ['ECDH'],
  generate: async () => pemOf((await generatePair('ec', { namedCurve })).privateKey),
})
const hmac = (bits: number): KeySpec => ({
  usages: ['GENERATE_VERIFY_MAC'],
  mac: [`HMAC_SHA_${bits}`],
  generate: secret(bits / 8),
})

export const SYMMETRIC = 'SYMMETRIC_DEFAULT'
export const newSymmetricMaterial = (): string => randomBytes(32).toString('base64')

export const KEY_SPECS: ReadonlyMap<string, KeySpec> = new Map<string, KeySpec>([
  [SYMMETRIC, { usages: ['ENCRYPT_DECRYPT'], encryption: [SYMMETRIC], generate: secret(32) }],
  ['RSA_2048', rsa(2048)],
  ['RSA_3072', rsa(3072)],
  ['RSA_4096', rsa(4096)],
  ['ECC_NIST_P256', curve('prime256v1', 'SHA_256')],
  ['ECC_NIST_P384', curve('secp384r1', 'SHA_384')],
  ['ECC_NIST_P521', curve('secp521r1', 'SHA_512')],
  ['ECC_SECG_P256K1', curve('secp256k1', 'SHA_256', ['SIGN_VERIFY'])],
  [
    'ECC_NIST_EDWARDS25519',
    {
      usages: ['SIGN_VERIFY'],
      signing: ['ED25519_SHA_512'],
      generate: async () => pemOf((await generatePair('ed25519')).privateKey),
    },
  ],
  ['HMAC_224', hmac(224)],
  ['HMAC_256', hmac(256)],
  ['HMAC_384', hmac(384)],
  ['HMAC_512', hmac(512)],
])

/** Its public half may be given to anybody. */
export const isAsymmetric = (spec: string): boolean => spec.startsWith('RSA_') || spec.startsWith('ECC_')

/** The algorithms of a key, under the names of the API. */
export function algorithmsOf(spec: string, usage: KeyUsage): Readonly<Record<string, readonly string[]>> {
  const { encryption = [], signing = [], mac = [], agreement = [] } = KEY_SPECS.get(spec) ?? { usages: [] }
  switch (usage) {
    case 'ENCRYPT_DECRYPT':
      return { EncryptionAlgorithms: encryption }
    case 'SIGN_VERIFY':
      return { SigningAlgorithms: signing }
    case 'GENERATE_VERIFY_MAC':
      return { MacAlgorithms: mac }
    case 'KEY_AGREEMENT':
      return { KeyAgreementAlgorithms: agreement }
  }
}
