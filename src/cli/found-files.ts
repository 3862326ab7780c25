/** The files that `validate` is to read: those that are named, and of folders all definitions and templates below them. */
import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { CliError } from './cli-error.ts'

/** Standard input. */
export const STDIN = '-'

const FILES_MAX = 10_000
const DEFINITION = /\.asl(?:\.(?:json|ya?ml))?$/i
const TEMPLATE = /^template\.(?:ya?ml|json)$|\.template\.(?:ya?ml|json)$/i

/**
 * In the order given; of a folder templates come first, then by name. Folders that begin with a dot, and node_modules, are
 * passed over. Throws CliError for a folder with nothing to check.
 */
export async function findFiles(given: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const path of given) {
    const status = path === STDIN ? undefined : await stat(path).catch(() => undefined)
    if (status?.isDirectory() !== true) found.add(path)
    else for (const file of await filesBelow(path)) found.add(file)
  }
  return [...found]
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const templates: string[] = []
  const definitions: string[] = []
  const visit = async (path: string): Promise<void> => {
    for await (const entry of await opendir(path)) {
      const inner = join(path, entry.name)
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && entry.name !== 'node_modules') await visit(inner)
      } else if (TEMPLATE.test(entry.name)) templates.push(inner)
      else if (DEFINITION.test(entry.name)) definitions.push(inner)
      if (templates.length + definitions.length > FILES_MAX)
        throw new CliError(`${folder} has more than ${FILES_MAX} definitions and templates. Name folders within it.`)
    }
  }
  await visit(folder)
  if (templates.length + definitions.length === 0)
    throw new CliError(
      `${folder} has no definition (*.asl.json, *.asl.yaml, *.asl) and no template (template.yaml, *.template.json).`,
    )
  return [...templates.toSorted(), ...definitions.toSorted()]
}
