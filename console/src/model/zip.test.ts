import { Buffer } from 'node:buffer'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { fromBufferPromise } from 'yauzl'

import { zipOf } from './zip.ts'

test('what was put in is read, as files that may be run', async () => {
  const files = [
    { path: 'index.mjs', text: 'export const handler = () => "olá"\n' },
    { path: 'lib/é.txt', text: '' },
  ]
  const zip = await fromBufferPromise(Buffer.from(zipOf(files)))
  const read = []
  for await (const entry of zip.eachEntry()) {
    expect(entry.externalFileAttributes >>> 16).toBe(0o100755)
    read.push({ path: entry.fileName, text: await text(await zip.openReadStreamPromise(entry)) })
  }
  expect(read).toEqual(files)
})

test('checksums are those of zip', () => {
  const view = new DataView(zipOf([{ path: 'a', text: '123456789' }]).buffer)
  expect(view.getUint32(14, true)).toBe(0xcbf43926)
})
