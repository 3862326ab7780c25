/**
 * Blocks of addresses within a block, as `Fn::Cidr` cuts them: one behind the other, from its beginning.
 * Source: CloudFormation template reference, "Fn::Cidr".
 */

const COUNT_MAX = 256

/** `bits`: those of an address that are its own within its block. Undefined where `count` blocks cannot be cut of it. */
export function cutCidr(block: string, count: number, bits: number): readonly string[] | undefined {
  const [address = '', mask = ''] = block.split('/')
  const width = address.includes(':') ? 128 : 32
  const value = width === 128 ? numberOfIpv6(address) : numberOfIpv4(address)
  const prefix = /^\d{1,3}$/.test(mask) ? Number(mask) : Number.NaN
  const inner = width - bits
  const isCount = Number.isInteger(count) && count >= 1 && count <= COUNT_MAX
  if (value === undefined || !isCount || !(Number.isInteger(bits) && bits >= 1) || !(prefix <= inner)) return undefined
  if (inner - prefix < 8 && count > 2 ** (inner - prefix)) return undefined
  const start = (value >> BigInt(width - prefix)) << BigInt(width - prefix)
  const print = width === 128 ? printIpv6 : printIpv4
  return Array.from({ length: count }, (_, i) => `${print(start + (BigInt(i) << BigInt(bits)))}/${inner}`)
}

function numberOfIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

/** `::` stands for as many zeros as are missing. */
function numberOfIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::')
  const groups = (part: string | undefined): string[] => (part === undefined || part === '' ? [] : part.split(':'))
  const missing = 8 - groups(head).length - groups(tail).length
  if (more.length > 0 || missing < 0 || (tail === undefined && missing > 0)) return undefined
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)]
  if (all.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}

const printIpv4 = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')

/** As addresses of the web are written: the longest run of zeros is left out. */
function printIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(16 * (7 - i))) & 65_535n).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
