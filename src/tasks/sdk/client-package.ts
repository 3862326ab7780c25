/**
 * Finds and loads the `@aws-sdk/client-*` package of a service, where one is installed beside Regente or in the folder
 * in which it runs. Loaded once, when a task first needs it. Rule kept: only folders named `@aws-sdk/client-*` are looked at.
 */
import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { javaName } from '../casing.ts'

import { bareName, packageKey } from './package-names.ts'

export interface SdkPackage {
  readonly exports: Readonly<Record<string, unknown>>
  /** `SecretsManager`: the client's class without `Client`. */
  readonly className: string
}

const loaded = new Map<string, Promise<SdkPackage | undefined>>()

/** Undefined where no such package is installed. */
export function loadSdkPackage(sdkService: string): Promise<SdkPackage | undefined> {
  const bare = packageKey(sdkService)
  if (!/^[a-z0-9]{1,60}$/.test(bare)) return Promise.resolve(undefined)
  const known = loaded.get(bare)
  if (known) return known
  const loading = findAndLoad(bare).then((found) => {
    // It may be installed while we run: only what was found is remembered.
    if (!found) loaded.delete(bare)
    return found
  })
  loaded.set(bare, loading)
  return loading
}

async function findAndLoad(bare: string): Promise<SdkPackage | undefined> {
  for (const { root, name } of await installedPackages()) {
    if (bareName(name.slice(PREFIX.length)) !== bare) continue
    const file = createRequire(join(root, 'regente')).resolve(`@aws-sdk/${name}`)
    const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
    const exports = { ...asRecord(module['default']), ...module }
    const className = Object.keys(exports).find((key) => key.endsWith('Client') && !key.startsWith('__'))
    if (className !== undefined) return { exports, className: className.slice(0, -'Client'.length) }
  }
  return undefined
}

const PREFIX = 'client-'

/** The names of services whose packages are installed, without hyphens. */
export async function installedServices(): Promise<ReadonlySet<string>> {
  return new Set((await installedPackages()).map(({ name }) => bareName(name.slice(PREFIX.length))))
}

async function installedPackages() {
  const require = createRequire(import.meta.url)
  const roots = [...(require.resolve.paths('@aws-sdk/client') ?? []), join(process.cwd(), 'node_modules')]
  const found = roots.map(async (root) => {
    const names = await readdir(join(root, '@aws-sdk')).catch(() => [])
    return names.filter((name) => name.startsWith(PREFIX)).map((name) => ({ root, name }))
  })
  return (await Promise.all(found)).flat()
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** As Step Functions spells the service before its errors: `SSM` is `Ssm`. */
export const errorPrefixOf = (className: string): string => javaName(className.replace(/^SESv2$/, 'SesV2'))
