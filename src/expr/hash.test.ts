import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'

import { hashText } from './hash.ts'

describe('hashText', () => {
  const lengths = [0, 1, 3, 55, 56, 57, 63, 64, 65, 111, 112, 113, 119, 127, 128, 129, 1000]
  const texts = [...lengths.map((length) => 'aé€😀z'.repeat(length).slice(0, length)), 'The quick brown fox']

  it.each([
    ['MD5', 'md5'],
    ['SHA-1', 'sha1'],
    ['SHA-256', 'sha256'],
    ['SHA-384', 'sha384'],
    ['SHA-512', 'sha512'],
  ])('computes %s as the platform does, whatever the length', (name, algorithm) => {
    for (const text of texts) expect(hashText(text, name)).toBe(createHash(algorithm).update(text.toWellFormed()).digest('hex'))
  })

  it('knows no other names', () => {
    expect(hashText('x', 'sha256')).toBeUndefined()
  })
})
