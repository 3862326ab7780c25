import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { readPieces } from './backup-writer.ts'
import { readTar, type TarEntry, tarEnd, tarHeader, tarPadding } from './tar.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'regente-tar-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const LONG = `${'long/'.repeat(60)}\u00e9 name`
const FILES: readonly { readonly path: string; readonly mode: number; readonly text?: string; readonly link?: string }[] = [
  { path: 'empty', mode: 0o600, text: '' },
  { path: 'a/short', mode: 0o700, text: 'x' },
  { path: 'a/block', mode: 0o600, text: 'y'.repeat(512) },
  { path: LONG, mode: 0o600, text: 'z'.repeat(1_000) },
  { path: 'a/link', mode: 0o600, link: 'short' },
  { path: 'far', mode: 0o600, link: LONG },
]

function archive(): Buffer {
  const parts = FILES.flatMap(({ path, mode, text = '', link }) => [
    tarHeader({ path, mode, bytes: text.length, ...(link !== undefined && { link }) }),
    Buffer.from(text),
    tarPadding(text.length),
  ])
  return Buffer.concat([...parts, tarEnd()])
}

async function* cut(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function read(source: AsyncIterable<Buffer>) {
  const found: (Pick<TarEntry, 'path' | 'mode' | 'link'> & { readonly text: string })[] = []
  for await (const { path, mode, link, body } of readTar(source)) {
    const pieces: Buffer[] = []
    for await (const piece of body) pieces.push(piece)
    found.push({ path, mode, text: Buffer.concat(pieces).toString(), ...(link !== undefined && { link }) })
  }
  return found
}

test.each([1, 7, 512, 100_000])('what is written is read again, in pieces of %i bytes', async (pieceBytes) => {
  expect(await read(cut(archive(), pieceBytes))).toEqual(FILES.map((file) => ({ text: '', ...file })))
})

test("the system's tar unpacks what we write", () => {
  writeFileSync(join(folder, 'a.tar'), archive())
  execFileSync('tar', ['xf', 'a.tar'], { cwd: folder })
  for (const { path, mode, text, link } of FILES) {
    if (link !== undefined) expect(readlinkSync(join(folder, path))).toBe(link)
    else {
      expect(readFileSync(join(folder, path), 'utf8')).toBe(text)
      expect(lstatSync(join(folder, path)).mode & 0o777).toBe(mode)
    }
  }
})

test.each(['gnu', 'pax', 'ustar'])("we read what the system's tar packs as %s", async (format) => {
  const name = format === 'ustar' ? `${'f'.repeat(90)}/${'n'.repeat(90)}` : LONG
  mkdirSync(join(folder, 'in', name, '..'), { recursive: true })
  writeFileSync(join(folder, 'in', name), 'content')
  symlinkSync(name, join(folder, 'in/link'))
  if (format === 'ustar') rmSync(join(folder, 'in/link'))
  execFileSync('tar', ['cf', 'a.tar', `--format=${format}`, '-C', 'in', '.'], { cwd: folder })
  const found = await read(readPieces(join(folder, 'a.tar')))
  const links = format === 'ustar' ? [] : [['./link', '', name]]
  expect(found.map(({ path, text, link }) => [path, text, link]).toSorted()).toEqual(
    [...links, [`./${name}`, 'content', undefined]].toSorted(),
  )
})

test('a size beyond what ustar can say is told all the same', async () => {
  const bytes = 9 * 1024 ** 3
  const entries = readTar(cut(tarHeader({ path: 'huge', mode: 0o600, bytes }), 100_000))
  expect((await entries.next()).value).toMatchObject({ path: 'huge', bytes })
})

test.each([
  ['cut off', () => archive().subarray(0, 1_700), 'it is cut off'],
  ['no archive', () => Buffer.alloc(2_000, 'text'), 'it is no tar archive, or damaged'],
  ['empty', () => Buffer.alloc(0), 'it is cut off'],
])('what is %s is told', async (_, bytes, message) => {
  await expect(read(cut(bytes(), 512))).rejects.toThrow(message)
})
