/**
 * Keeps secrets in the database without keeping them in the clear: AES-256-GCM, with a key in a file of its own, `secrets.key`,
 * which only its owner may read. A copy of the database alone gives nothing away. What is sealed is bound to its place: moved
 * to another row it does not open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const PREFIX = 'sealed:1:'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

export interface Seal {
  /** Printable. `place` names where it is kept. */
  close(text: string, place: string): string
  /** Throws where it was sealed with another key, for another place, or is damaged. */
  open(sealed: string, place: string): string
}

export const isSealed = (text: string): boolean => text.startsWith(PREFIX)

/** The key of the folder, made when it is first needed; without a folder, one that is gone with the process. */
export function openSeal(directory: string | undefined): Seal {
  const key = directory === undefined ? randomBytes(KEY_BYTES) : keyOf(directory)
  return {
    close(text, place) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place))
      const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return PREFIX + Buffer.concat([iv, cipher.getAuthTag(), content]).toString('base64')
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
      try {
        return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch (cause) {
        throw new Error(`the secret of ${place} does not open with this folder's secrets.key`, { cause })
      }
    },
  }
}

/** Whole from its first moment on. A file that holds anything else is not replaced: what it sealed would be lost. */
function keyOf(directory: string): Buffer {
  const path = join(directory, 'secrets.key')
  const known = readKey(path)
  if (known?.length === KEY_BYTES) return known
  if (known) throw new Error(`${path} is damaged: ${known.length} bytes instead of ${KEY_BYTES}. Bring it back from a backup.`)
  const key = randomBytes(KEY_BYTES)
  const draft = `${path}.new`
  rmSync(draft, { force: true })
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, key)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
  return key
}

function readKey(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
