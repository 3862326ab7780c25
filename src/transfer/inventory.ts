/** What was found at an endpoint, as CloudFormation declares it, and what was not taken, with the reason. */
import type { JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'

export const KINDS = [
  ...(['machines', 'activities', 'functions', 'tables', 'rules', 'schedules', 'queues', 'topics', 'parameters'] as const),
  'roles',
] as const
export type Kind = (typeof KINDS)[number]

export interface Found {
  readonly kind: Kind
  /** Of CloudFormation. */
  readonly type: string
  /** As it is told. */
  readonly name: string
  /** With the ARNs and URLs of where it was found. */
  readonly properties: JsonObject
  /** By what others name it there: `Ref`, or the attribute that each of these texts is. */
  readonly known?: Readonly<Record<string, string>>
  /** What has to be there before, though nothing of it is mentioned: by one of the texts by which it is known. */
  readonly follows?: readonly string[]
  /** The archive of a function's code. */
  readonly readCode?: () => Promise<Buffer>
}

export interface Left {
  readonly kind: Kind
  readonly name: string
  readonly reason: string
}

export class Inventory {
  readonly found: Found[] = []
  readonly left: Left[] = []

  add(found: Found): void {
    this.found.push(found)
  }

  leave(kind: Kind, name: string, reason: string): void {
    this.left.push({ kind, name, reason })
  }

  /** What is refused is left, and the rest goes on. */
  async attempt(kind: Kind, name: string, read: () => Promise<void>): Promise<void> {
    try {
      await read()
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.leave(kind, name, `${error.code}: ${error.message}`)
    }
  }
}
