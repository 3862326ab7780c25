/** How CloudFormation ends the names that it makes. */
import { createHash } from 'node:crypto'

/** What the name of a resource is made from, where the template names none: the same again gives the same name. */
export interface Naming {
  readonly stackName: string
  /** Of the resource in its template. */
  readonly id: string
  /** Of whatever it is part of. */
  readonly scope: string
  /** Counts replacements. */
  readonly generation: number
}

/** How the name ends that a resource gives to `part` of itself. */
export const suffixOf = ({ scope, generation }: Pick<Naming, 'scope' | 'generation'>, part: string): string =>
  nameSuffix(`${scope}\n${part}\n${generation}`)

/** 12 letters and digits, the same for the same text. */
const nameSuffix = (text: string): string =>
  BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 24)}`)
    .toString(36)
    .toUpperCase()
    .padStart(12, '0')
    .slice(-12)
