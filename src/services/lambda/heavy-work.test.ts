import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { archiveOf, WORK } from './heavy-work.ts'
import { zipOf } from './testing/zip.ts'

test('an archive is unpacked once and kept beside, also where only its files are there', async () => {
  const home = mkdtempSync(join(tmpdir(), 'regente-unpacked-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const archive = zipOf({ 'index.js': 'code' })
  const { directory } = await WORK.unpack(home, archive)
  rmSync(archiveOf(directory))
  expect((await WORK.unpack(home, archive)).directory).toBe(directory)
  expect(readFileSync(archiveOf(directory)).equals(archive)).toBe(true)
  expect(readFileSync(join(directory, 'index.js'), 'utf8')).toBe('code')
  expect(readdirSync(home)).toHaveLength(2)
})
