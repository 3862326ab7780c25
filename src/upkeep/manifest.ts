/**
 * What a backup says of itself, in its file `backup.ndjson`: a line of its own kind and time, then a line a file, then their count.
 * It is the last to be written: a backup that has it is whole.
 */
import { isObject } from '../base/json.ts'
import { jsonOf } from '../base/json-text.ts'

export const MANIFEST = 'backup.ndjson'
const FORMAT = 1

/** A file with its content's SHA-256 (hex), or a symbolic link. */
export type BackupEntry =
  | { readonly path: string; readonly bytes: number; readonly sha256: string }
  | { readonly path: string; readonly link: string }

export function manifestText(createdAt: Date, entries: readonly BackupEntry[]): string {
  const lines = [
    { backupOf: 'regente', format: FORMAT, createdAt: createdAt.toISOString() },
    ...entries,
    { entries: entries.length },
  ]
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** What is missing in a backup, or is not as it was written; undefined where it is whole. */
export function faultOf(manifest: string | undefined, found: ReadonlyMap<string, BackupEntry>): string | undefined {
  if (manifest === undefined) return `it has no ${MANIFEST}: it is no backup of Regente, or not a whole one`
  const [head, ...rest] = manifest.trimEnd().split('\n').map(jsonOf)
  if (!isObject(head) || head['backupOf'] !== 'regente') return `its ${MANIFEST} is not one of Regente`
  if (head['format'] !== FORMAT)
    return `it was made by another Regente (format ${JSON.stringify(head['format'])}; this one knows ${FORMAT})`
  const end = rest.pop()
  if (!isObject(end) || end['entries'] !== rest.length) return `its ${MANIFEST} is cut off`
  for (const entry of rest) {
    const path = isObject(entry) ? String(entry['path']) : ''
    const there = found.get(path)
    if (there === undefined) return `${path} is missing`
    if (JSON.stringify(there) !== JSON.stringify(entry)) return `${path} is damaged: it is not what was written`
  }
  return undefined
}
