/** The programs that a bed is made of and npm does not bring: where they are, and which Debian package brings those that are not. */
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import type { User } from './workspace.ts'

const PROGRAMS = {
  postgres: 'postgresql',
  initdb: 'postgresql',
  haproxy: 'haproxy',
  patroni: 'patroni',
  etcd: 'etcd-server',
} as const
export type Program = keyof typeof PROGRAMS

/** Debian keeps PostgreSQL's programs apart by version, and those of an administrator out of other people's PATH. */
const DEBIANS_POSTGRES = '/usr/lib/postgresql'

/** Something that the bed needs is not installed. Says what, and how to install it. */
export class MissingProgram extends Error {
  override readonly name = 'MissingProgram'
}

/** Where each of them is. Throws MissingProgram with all that are missing. */
export function findPrograms<const P extends Program>(wanted: readonly P[]): Readonly<Record<P, string>> {
  const found = wanted.map((program) => [program, pathOf(program)] as const)
  const missing = found.filter(([, path]) => path === undefined).map(([program]) => program)
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => PROGRAMS[program]))]
    throw new MissingProgram(
      `Not installed: ${missing.join(', ')}. On Debian or Ubuntu: ${isRoot() ? '' : 'sudo '}apt-get install ${packages.join(' ')}`,
    )
  }
  return Object.fromEntries(found) as Record<P, string>
}

function pathOf(program: Program): string | undefined {
  const folders = [...postgresFolders(), ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, program)).find(isExecutable)
}

/** The newest version first. */
function postgresFolders(): string[] {
  if (!existsSync(DEBIANS_POSTGRES)) return []
  const versions = readdirSync(DEBIANS_POSTGRES).sort((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(DEBIANS_POSTGRES, version, 'bin'))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const isRoot = (): boolean => process.getuid?.() === 0

/** Whom PostgreSQL runs as: itself refuses root, for whom Debian's package brings a user. Undefined: whoever we are. */
export function postgresUser(): User | undefined {
  if (!isRoot()) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
