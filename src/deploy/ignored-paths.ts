/**
 * What lies in a project and is no code: it is neither packed nor watched. A folder that holds a server's database is left out
 * wherever it lies; its every write would be a change.
 */
import { access } from 'node:fs/promises'
import { join } from 'node:path'

const NAMES: ReadonlySet<string> = new Set([
  ...['.git', '.hg', '.svn', '.DS_Store', '.aws-sam', '.regente', 'cdk.out', '.idea', '.vscode'],
  ...['__pycache__', '.venv', '.pytest_cache', '.mypy_cache', '.ruff_cache'],
])
/** Of a `node_modules`: caches of tools. */
const CACHES: ReadonlySet<string> = new Set(['.cache', '.vite', '.vite-temp'])

export const isIgnoredName = (name: string, parent: string): boolean =>
  NAMES.has(name) || (parent === 'node_modules' && CACHES.has(name))

/** `path` is absolute. */
export const isDataFolder = async (path: string, excluded: readonly string[]): Promise<boolean> =>
  excluded.includes(path) ||
  (await access(join(path, 'local.sqlite')).then(
    () => true,
    () => false,
  ))
