/** A secret of a data directory, for as long as the directory lives: made when it is first asked for, readable to its owner. */
import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'

const SECRET_BYTES = 32

/**
 * The 32 bytes in the file. Written aside and renamed, so that a process that dies in between leaves none; whatever is shorter
 * (a file of a version that did not) is no secret, and replaced. One process at a time, which the store's lock sees to.
 */
export async function keepSecret(path: string): Promise<Buffer> {
  const kept = await readFile(path).catch(ifMissing)
  if (kept?.length === SECRET_BYTES) return kept
  const secret = randomBytes(SECRET_BYTES)
  const aside = `${path}.new`
  await writeFile(aside, secret, { mode: 0o600 })
  await rename(aside, path)
  return secret
}

function ifMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
