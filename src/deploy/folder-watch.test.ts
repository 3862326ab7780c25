import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { deferred } from '../base/deferred.ts'

import { FolderWatch } from './folder-watch.ts'

let root = ''
let watch: FolderWatch
let next = deferred<void>()
let changes = 0

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'regente-folders-')))
  changes = 0
  next = deferred()
  const onChange = (): void => {
    changes++
    next.resolve()
  }
  watch = new FolderWatch({ onChange, onError: (error) => next.reject(error), excluded: [join(root, 'data')] })
})
afterEach(() => {
  watch.close()
  rmSync(root, { recursive: true, force: true })
})

const write = (path: string, text = String(Math.random())): void => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** Writes until it is seen: a watch that is opened anew is not there at once. */
async function isSeen(path: string): Promise<void> {
  next = deferred()
  await expect
    .poll(
      async () => {
        write(path)
        return Promise.race([next.promise.then(() => true), new Promise((resolve) => setTimeout(resolve, 20, false))])
      },
      { timeout: 5_000, interval: 20 },
    )
    .toBe(true)
}

/** What is written last is seen, and nothing before it was. */
async function isNotSeen(...paths: readonly string[]): Promise<void> {
  changes = 0
  next = deferred()
  for (const path of paths) write(path)
  write('code/last.js')
  await next.promise
  expect(changes).toBeLessThanOrEqual(2)
}

test('a folder that is removed and made anew is watched again, as often as that happens', async () => {
  write('code/src/app.js')
  await watch.follow([join(root, 'code')])
  await isSeen('code/src/app.js')
  for (let round = 0; round < 3; round++) {
    rmSync(join(root, 'code'), { recursive: true })
    await isSeen('code/src/app.js')
    await isSeen('code/src/deep/er/app.js')
    await isSeen('code/src/deep/er/app.js')
  }
})

test('what is not there yet is seen when it comes, however much of its path is missing', async () => {
  await watch.follow([join(root, 'build/out/code'), join(root, 'definition.json')])
  await isSeen('definition.json')
  await isSeen('build/out/code/app.js')
  await isSeen('build/out/code/app.js')
  rmSync(join(root, 'build'), { recursive: true })
  await isSeen('build/out/code/app.js')
})

test('files that were written since an instant are a change, those before are none', async () => {
  write('code/src/app.js')
  write('code/.git/index')
  write('beside.js')
  const { ctimeMs } = statSync(join(root, 'code/src/app.js'))
  await watch.follow([join(root, 'code')], ctimeMs + 1)
  expect(changes).toBe(0)
  await watch.follow([join(root, 'code')], ctimeMs)
  expect(changes).toBe(1)
  await watch.follow([join(root, 'beside.js')], ctimeMs)
  expect(changes).toBe(2)
})

test('what is no code is not seen: versions, caches, build folders, data', async () => {
  write('code/app.js')
  for (const folder of ['.git', '.aws-sam', '.regente/data', 'node_modules/.cache', 'node_modules/p', 'data'])
    write(`code/${folder}/x`)
  write('code/store/local.sqlite')
  write('data/x')
  await watch.follow([join(root, 'code'), join(root, 'data')])
  await isNotSeen(
    ...['code/.git/index', 'code/.aws-sam/y', 'code/.regente/data/local.sqlite', 'code/node_modules/.cache/y'],
    ...['code/node_modules/p/y', 'code/store/local.sqlite', 'code/store/s3/object'],
  )
})

test('of the folder of a file, the file alone counts', async () => {
  write('code/last.js')
  write('code/other.js')
  await watch.follow([join(root, 'code/last.js')])
  await isNotSeen('code/other.js', 'code/another.js')
})
