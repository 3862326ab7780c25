/** GetRandomPassword. Source: Secrets Manager API reference; the characters of each kind are those of its documentation. */
import { randomInt } from 'node:crypto'

import { getOwn, type JsonObject } from '../../base/json.ts'

import { invalidParameter } from './errors.ts'
import { readFlag, readText, readWhole } from './input.ts'

const LENGTH = 32
const LENGTH_MAX = 4096
const KINDS = [
  ['ExcludeLowercase', 'abcdefghijklmnopqrstuvwxyz'],
  ['ExcludeUppercase', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  ['ExcludeNumbers', '0123456789'],
  ['ExcludePunctuation', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
] as const

export function drawPassword(input: JsonObject): string {
  const length = readWhole(input, 'PasswordLength', 1, LENGTH_MAX) ?? LENGTH
  const excluded = new Set(readText(input, 'ExcludeCharacters', LENGTH_MAX) ?? '')
  const allowed = (characters: string) => [...characters].filter((one) => !excluded.has(one))
  const kinds = KINDS.filter(([flag]) => !readFlag(input, flag)).map(([, characters]) => allowed(characters))
  if (readFlag(input, 'IncludeSpace')) kinds.push(allowed(' '))
  const pools = kinds.filter(({ length }) => length > 0)
  const every = pools.flat()
  if (every.length === 0) throw invalidParameter('No characters are left to make a password of.')
  const needed = getOwn(input, 'RequireEachIncludedType') === false ? [] : pools
  if (needed.length > length) throw invalidParameter('PasswordLength is too small for one character of each required type.')
  const drawn = [...needed.map(pick), ...Array.from({ length: length - needed.length }, () => pick(every))]
  return shuffle(drawn).join('')
}

const pick = (pool: readonly string[]): string => pool[randomInt(pool.length)] ?? ''

function shuffle(characters: readonly string[]): readonly string[] {
  const rest = [...characters]
  return characters.map(() => rest.splice(randomInt(rest.length), 1)[0] ?? '')
}
