/** A log message as people read it: JSON in it, alone or after a prefix as Lambda writes it, is indented. */
const READ_MAX = 200_000

export function prettyMessage(message: string): string {
  const at = message.search(/[{[]/)
  if (at < 0 || message.length > READ_MAX) return message
  try {
    const value: unknown = JSON.parse(message.slice(at))
    return `${message.slice(0, at)}${at > 0 ? '\n' : ''}${JSON.stringify(value, null, 2)}`
  } catch {
    return message
  }
}
