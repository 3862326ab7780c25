/** What the lock promises: npm ci takes it on every platform, from any registry, and nothing is compiled. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly hasInstallScript?: boolean
  readonly optional?: boolean
  readonly dev?: boolean
  readonly resolved?: string
}
interface Manifest extends Locked {
  readonly allowScripts: Readonly<Record<string, boolean>>
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '..', name), 'utf8'))
const manifest = read('package.json') as Manifest
const { packages } = read('package-lock.json') as { packages: Readonly<Record<string, Locked>> }

/** Where Node would find `name` when the package at `path` asks for it. */
function find(path: string, name: string): string | undefined {
  for (let at = path; ; at = dirname(dirname(at))) {
    const candidate = join(at, 'node_modules', name)
    if (candidate in packages) return candidate
    if (at === '' || at === '.') return undefined
  }
}

test('only two packages have an install script, and neither comes with Regente', () => {
  const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript)
  expect(withScript.map(([path, { dev, optional }]) => ({ path, dev, optional }))).toEqual([
    { path: 'node_modules/classic-level', dev: true },
    { path: 'node_modules/node', dev: true },
  ])
  expect(manifest.allowScripts).toEqual({ 'classic-level': false, node: true })
})

test('every package that another asks for is locked, those of other platforms too', () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => find(path, name) === undefined)
      .map((name) => `${path} asks for ${name}`),
  )
  expect(missing).toEqual([])
})

test('it is the lock of this package.json', () => {
  const kinds = ['dependencies', 'optionalDependencies', 'devDependencies'] as const
  for (const kind of kinds) expect(packages['']?.[kind]).toEqual(manifest[kind])
})

test('nothing comes from elsewhere than the registry', () => {
  const places = Object.values(packages).flatMap(({ resolved }) => resolved ?? [])
  expect(places.filter((place) => !place.startsWith('https://registry.npmjs.org/'))).toEqual([])
})
