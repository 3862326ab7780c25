/** A log message as people read it: JSON in it, alone or after a prefix as Lambda writes it, is indented. */
import { indented, treeOf } from './json-text.ts'

const READ_MAX = 200_000

export function prettyMessage(message: string): string {
  const at = message.search(/[{[]/)
  if (at < 0 || message.length > READ_MAX) return message
  const json = message.slice(at)
  return treeOf(json) ? `${message.slice(0, at)}${at > 0 ? '\n' : ''}${indented(json)}` : message
}
