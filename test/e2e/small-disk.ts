/** A disk of its own that a test can fill to the last byte: a file system in memory, which only root may mount. */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'vitest'

import { makeDataDirectory, removeDataDirectory } from './server.ts'

const MEGABYTES = 30
const BLOCK = Buffer.alloc(4_096)

export interface SmallDisk {
  readonly path: string
  /** Until nothing more fits. */
  fill(): void
  makeRoom(): void
  remove(): Promise<void>
}

async function mountDisk(): Promise<SmallDisk> {
  const path = await makeDataDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'tmpfs', path], { stdio: 'ignore' })
  const filler = join(path, 'filler')
  return {
    path,
    fill() {
      const file = openSync(filler, 'a')
      try {
        for (;;) writeSync(file, BLOCK)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      } finally {
        closeSync(file)
      }
    },
    makeRoom: () => rmSync(filler),
    async remove() {
      execFileSync('umount', [path])
      await removeDataDirectory(path)
    },
  }
}

/** One test on such a disk. Skipped by name where none can be had, and failed there by CI. */
export async function testOnSmallDisk(name: string, body: (disk: SmallDisk) => Promise<void>, timeoutMs: number): Promise<void> {
  let disk: SmallDisk | undefined
  try {
    disk = await mountDisk()
    await disk.remove()
  } catch {
    // Told below.
  }
  if (disk === undefined) {
    if (process.env['CI']) test(`${name}: needs a disk`, () => Promise.reject(new Error('no file system can be mounted here')))
    else test.skip(`${name} (skipped: only root can mount a small disk)`, () => {})
    return
  }
  test(
    name,
    async () => {
      const mounted = await mountDisk()
      try {
        await body(mounted)
      } finally {
        await mounted.remove()
      }
    },
    timeoutMs,
  )
}
