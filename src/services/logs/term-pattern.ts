/** Terms: all plain ones must occur, one of the `?` ones, none of the `-` ones. Case counts. A term of letters is found anywhere. */
import { PatternReader } from './pattern-reader.ts'

type Finds = (message: string) => boolean

export function parseTermPattern(text: string): Finds {
  const reader = new PatternReader(text)
  const required: Finds[] = []
  const optional: Finds[] = []
  const excluded: Finds[] = []
  for (reader.skipSpace(); !reader.isAtEnd; reader.skipSpace()) {
    const sign = reader.text[reader.at]
    const list = sign === '?' ? optional : sign === '-' ? excluded : required
    if (list !== required) reader.at++
    list.push(readTerm(reader))
  }
  // As on AWS, a `?` term beside plain ones adds nothing: the plain ones decide.
  return (message) =>
    required.every((finds) => finds(message)) &&
    (optional.length === 0 || required.length > 0 || optional.some((finds) => finds(message))) &&
    !excluded.some((finds) => finds(message))
}

function readTerm(reader: PatternReader): Finds {
  const regex = reader.regex()
  if (regex) return regex
  const term = reader.quoted() ?? reader.match(/[^\s"]+/y) ?? ''
  return (message) => message.includes(term)
}
