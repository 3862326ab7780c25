import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { joinChecksums, newChecksum } from './checksum.ts'
import { type CrcAlgorithm, newCrc, newCrcJoiner } from './crc.ts'

const crcOf = (algorithm: CrcAlgorithm, data: Uint8Array): bigint => {
  const crc = newCrc(algorithm)
  crc.update(data)
  return crc.value()
}
const ALGORITHMS: readonly CrcAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME']

describe('checksums', () => {
  // Check values of the CRC catalogue for the text 123456789.
  it.each([
    ['CRC32', 0xcbf43926n],
    ['CRC32C', 0xe3069283n],
    ['CRC64NVME', 0xae8b14860a799888n],
  ] as const)('%s of 123456789 is the known value', (algorithm, value) => {
    expect(crcOf(algorithm, Buffer.from('123456789'))).toBe(value)
  })

  it.each(ALGORITHMS)('%s of a whole follows from its parts', (algorithm) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (parts) => {
        const joiner = newCrcJoiner(algorithm)
        for (const part of parts) joiner.append(crcOf(algorithm, part), part.length)
        expect(joiner.value()).toBe(crcOf(algorithm, Buffer.concat(parts)))
      }),
    )
  })

  it('composes checksums of checksums where asked', () => {
    const parts = ['aaa', 'bbb'].map((text) => {
      const state = newChecksum('SHA256')
      state.update(Buffer.from(text))
      return { value: state.value(), bytes: 3 }
    })
    expect(joinChecksums('SHA256', 'COMPOSITE', parts).value).toMatch(/^[A-Za-z0-9+/]{43}=-2$/)
  })
})
