/** Files of suites: those that are named, and of folders all below them, but none of node_modules or of folders that begin with a dot. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { TestKitError } from '../kit-error.ts'

const SUITE_FILE = /\.workflow-test\.(?:ya?ml|json|m?[jt]s)$/

/** By name within each path. Rejects with TestKitError where a path is not there, or is no suite. */
export async function findSuites(paths: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const path of paths) {
    const status = await stat(path).catch(() => undefined)
    if (status === undefined) throw new TestKitError(`${path} does not exist.`)
    if (status.isDirectory()) for (const file of await suitesBelow(path)) found.add(file)
    else if (SUITE_FILE.test(path)) found.add(path)
    else throw new TestKitError(`${path} is not named as suites are: NAME.workflow-test.yaml, .json, .ts or .js.`)
  }
  return [...found]
}

async function suitesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const inner = join(path, entry.name)
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && entry.name !== 'node_modules') await visit(inner)
      } else if (SUITE_FILE.test(entry.name)) found.push(inner)
    }
  }
  await visit(folder)
  return found.toSorted()
}
