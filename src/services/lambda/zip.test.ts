import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { systemClock } from '../../base/clock.ts'

import { codeRoot, openCodeStore } from './code-store.ts'
import { HelperThread } from './helper-thread.ts'
import { type TestEntry, zip, zipOf } from './testing/zip.ts'
import { readZipEntries, ZipError, ZipTooLargeError } from './zip.ts'

const bounds = { bytesMax: 1_000_000, entriesMax: 100 }

async function readAll(archive: Buffer): Promise<Record<string, string>> {
  const found: [string, string][] = []
  for (const entry of await readZipEntries(archive, bounds)) {
    if (!entry.isDirectory) found.push([entry.path, (await entry.read()).toString()])
  }
  return Object.fromEntries(found)
}

it('reads stored and deflated entries and directories', async () => {
  const archive = zip([
    { name: './a.txt', content: 'stored', deflate: false },
    { name: 'b/', content: '' },
    { name: 'b/ü.txt', content: 'x'.repeat(10_000) },
  ])
  expect(await readAll(archive)).toEqual({ 'a.txt': 'stored', 'b/ü.txt': 'x'.repeat(10_000) })
})

describe('refuses', () => {
  it.each<[string, TestEntry]>([
    ['a path that climbs out', { name: '../evil', content: '' }],
    ['a path that climbs out in the middle', { name: 'a/../../evil', content: '' }],
    ['an absolute path', { name: '/etc/passwd', content: '' }],
    ['a drive letter', { name: 'C:evil', content: '' }],
    ['a backslash', { name: 'a\\..\\evil', content: '' }],
    ['a NUL in the name', { name: 'a\0b', content: '' }],
    ['a symbolic link', { name: 'link', content: '/etc/passwd', mode: 0o120777 }],
    ['a device', { name: 'device', content: '', mode: 0o020666 }],
    ['a wrong checksum', { name: 'a', content: 'x', crc: 1 }],
    ['a size that is too small', { name: 'a', content: 'x'.repeat(5000), size: 10 }],
    ['a size that cannot be', { name: 'a', content: 'x', size: 900_000 }],
    ['more than the bound', { name: 'a', content: 'x'.repeat(2_000_000) }],
  ])('%s', async (_title, entry) => {
    await expect(readAll(zip([entry]))).rejects.toThrow(ZipError)
  })

  it('an entry that appears twice, a cut-off archive, and what is no archive', async () => {
    await expect(
      readAll(
        zip([
          { name: 'a', content: '1' },
          { name: './a', content: '2' },
        ]),
      ),
    ).rejects.toThrow(ZipError)
    const whole = zipOf({ a: 'x'.repeat(100) })
    for (let bytes = 0; bytes < whole.length; bytes++) await expect(readAll(whole.subarray(0, bytes))).rejects.toThrow(ZipError)
  })

  it('more entries than the bound, whatever is in them', async () => {
    const archive = zip(Array.from({ length: 101 }, (_, i) => ({ name: `${i}`, content: '' })))
    await expect(readAll(archive)).rejects.toThrow(ZipTooLargeError)
  })

  it('a zip64 record that claims more entries than the bound', async () => {
    const archive = zipOf({ a: 'x' })
    const end = archive.subarray(-22)
    const record = Buffer.alloc(56)
    record.writeUInt32LE(0x06064b50, 0)
    record.writeBigUInt64LE(2n ** 40n, 32)
    const locator = Buffer.alloc(20)
    locator.writeUInt32LE(0x07064b50, 0)
    locator.writeBigUInt64LE(BigInt(archive.length - 22), 8)
    await expect(readAll(Buffer.concat([archive.subarray(0, -22), record, locator, end]))).rejects.toThrow(ZipTooLargeError)
  })

  it('many entries that are small each and too much together', async () => {
    const archive = zip(Array.from({ length: 11 }, (_, i) => ({ name: `${i}`, content: 'x'.repeat(100_000) })))
    await expect(readAll(archive)).rejects.toThrow(ZipTooLargeError)
  })

  it('any byte changed, or reads it without harm', async () => {
    const whole = zipOf({ 'a.txt': 'hello hello hello', b: 'y' })
    for (let at = 0; at < whole.length; at++) {
      const broken = Buffer.from(whole)
      broken[at] = (broken[at] ?? 0) ^ 0xff
      await readAll(broken).catch((error: unknown) => expect(error).toBeInstanceOf(ZipError))
    }
  })
})

it("keeps code under its hash, executable where the archive says so, and answers bad archives with AWS's words", async () => {
  const directory = mkdtempSync(join(tmpdir(), 'regente-test-'))
  const thread = new HelperThread(systemClock)
  const store = openCodeStore(codeRoot(directory), false, new Set(), thread)
  const code = await store.unpack('f', zipOf({ bootstrap: '#!/bin/sh', 'lib/a.js': '1' }, 0o100755))
  expect(code.directory).toMatch(new RegExp(`^${directory}/lambda/f/[0-9a-f]{64}$`))
  expect(readFileSync(join(code.directory, 'lib/a.js'), 'utf8')).toBe('1')
  expect(statSync(join(code.directory, 'bootstrap')).mode & 0o111).not.toBe(0)
  const text = 'Could not unzip uploaded file. Please check your file, then try to upload again.'
  await expect(store.unpack('f', Buffer.from('no'))).rejects.toMatchObject({
    code: 'InvalidParameterValueException',
    message: text,
  })
  await expect(store.unpack('f', zipOf({ a: '', 'a/b': '' }))).rejects.toMatchObject({ message: text })
  openCodeStore(codeRoot(directory), false, new Set(), thread)
  expect(() => statSync(code.directory)).toThrow('ENOENT')
  await thread.close()
  rmSync(directory, { recursive: true })
})
