/**
 * The MD5 digests with which SDKs check that a message arrived whole.
 * Source: Amazon SQS developer guide, "Calculating the MD5 message digest for message attributes".
 */
import { createHash, hash } from 'node:crypto'

export interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string
  /** Base64, as both protocols carry it. */
  readonly BinaryValue?: string
}
export type MessageAttributes = ReadonlyMap<string, MessageAttribute>

export const md5 = (text: string): string => hash('md5', text)

/** Undefined where there are no attributes. */
export function digestAttributes(attributes: MessageAttributes): string | undefined {
  if (attributes.size === 0) return undefined
  const made = createHash('md5')
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    made.update(length).update(bytes)
  }
  for (const name of [...attributes.keys()].sort()) {
    const attribute = attributes.get(name)
    if (!attribute) continue
    add(Buffer.from(name))
    add(Buffer.from(attribute.DataType))
    const isBinary = attribute.DataType.startsWith('Binary')
    made.update(Buffer.from([isBinary ? 2 : 1]))
    add(isBinary ? Buffer.from(attribute.BinaryValue ?? '', 'base64') : Buffer.from(attribute.StringValue ?? ''))
  }
  return made.digest('hex')
}
