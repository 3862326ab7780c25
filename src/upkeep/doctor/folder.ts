/** Looks at a data folder: what it is, who uses it, what lies in it, and whether there is room for more. */
import { opendir, readFile, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

import { StartError } from '../../base/start-error.ts'

import { INCOMPLETE, MOVED } from '../../data-directory.ts'

import { exists, undefinedIfMissing } from '../backup-writer.ts'
import type { Examination, Finding, Report } from './finding.ts'
import { examineEngine, examineServices, isFolderInUse } from './sqlite.ts'

const ROOM_LOW_BYTES = 1e9
const ROOM_LEAST_BYTES = 1e8
const KEY_BYTES = 32
const KEYS = ['page-token.key', 'secrets.key', 'services.key']
const PARTS = [
  'regente.sqlite',
  'regente.sqlite-wal',
  'local.sqlite',
  'local.sqlite-wal',
  's3',
  'lambda',
  'dynamodb',
  'mailbox',
  'spool',
]

/** Throws StartError where there is no such folder. */
export async function examineFolder(directory: string, examination: Examination): Promise<Report> {
  if (!(await exists(join(directory, 'regente.sqlite'))) && !(await exists(join(directory, 'local.sqlite'))))
    throw new StartError(`There is no data of Regente in ${directory}. Name its folder with --data.`)
  const isInUse = await isFolderInUse(directory)
  const engine = await examineEngine(directory, isInUse, examination)
  const services = await examineServices(directory, examination)
  const room = await statfs(directory)
  const freeBytes = room.bavail * room.bsize
  return {
    findings: [
      ...(await markFindings(directory)),
      ...engine.findings,
      ...services.findings,
      ...(await keyFindings(directory)),
      ...roomFindings(directory, freeBytes),
    ],
    facts: { folder: directory, isInUse, ...engine.facts, ...services.facts, bytes: await sizesOf(directory), freeBytes },
  }
}

async function markFindings(directory: string): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  if (await exists(join(directory, INCOMPLETE)))
    findings.push({
      severity: 'error',
      check: 'folder',
      message: 'The folder is not whole: a restore or a move into it has not come to its end.',
      mend: 'Where it is over, remove the folder and begin again.',
    })
  const moved = await readFile(join(directory, MOVED), 'utf8').catch(undefinedIfMissing)
  if (moved !== undefined)
    findings.push({
      severity: 'note',
      check: 'folder',
      message: `The executions of this folder go on elsewhere. ${moved.trim()}`,
    })
  return findings
}

async function keyFindings(directory: string): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const name of KEYS) {
    const found = await stat(join(directory, name)).catch(undefinedIfMissing)
    if (found !== undefined && found.size !== KEY_BYTES)
      findings.push({
        severity: 'error',
        check: 'keys',
        message: `${name} is damaged: ${found.size} bytes instead of ${KEY_BYTES}.`,
        mend: 'Bring the file back from a backup: what was sealed with it opens with no other.',
      })
  }
  return findings
}

function roomFindings(directory: string, freeBytes: number): readonly Finding[] {
  if (freeBytes >= ROOM_LOW_BYTES) return []
  const severity = freeBytes < ROOM_LEAST_BYTES ? 'error' : 'warning'
  const message = `The disk of ${directory} has ${Math.floor(freeBytes / 1e6)} MB left.`
  const mend = 'Make room, or keep executions for a shorter time (--retention-days). A server whose disk is full takes no work.'
  return [{ severity, check: 'disk', message, mend }]
}

async function sizesOf(directory: string): Promise<Readonly<Record<string, number>>> {
  const sizes: Record<string, number> = {}
  for (const name of PARTS) {
    const bytes = await sizeOf(join(directory, name))
    if (bytes > 0) sizes[name] = bytes
  }
  return sizes
}

/** Of a file, or of all files below a folder; 0 where it is not there. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(undefinedIfMissing)
  if (found?.isDirectory() !== true) return found?.size ?? 0
  let bytes = 0
  const children = await opendir(path).catch(undefinedIfMissing)
  if (children === undefined) return 0
  for await (const child of children) if (!child.isSymbolicLink()) bytes += await sizeOf(join(path, child.name))
  return bytes
}
