/**
 * References to what the transform calls otherwise: `!Ref Fn.Alias` is to the alias that was made, `!Ref Layer` to the layer of
 * that content.
 * Source: AWS SAM developer guide, "Referencing generated resources".
 */
import { isArray, isObject, type Json, setOwn } from '../../base/json.ts'

type Names = ReadonlyMap<string, string>

export function renamed(value: Json, names: Names): Json {
  if (isArray(value)) return value.map((item) => renamed(item, names))
  if (!isObject(value)) return value
  const object: Record<string, Json> = {}
  for (const [key, member] of Object.entries(value)) setOwn(object, key, renamedIn(key, member, names))
  return object
}

function renamedIn(key: string, member: Json, names: Names): Json {
  if (key === 'Ref' && typeof member === 'string') return names.get(member) ?? member
  if (key === 'Fn::GetAtt') return attributeIn(member, names)
  if (key !== 'Fn::Sub') return renamed(member, names)
  if (typeof member === 'string') return textIn(member, names)
  if (!isArray(member) || typeof member[0] !== 'string') return renamed(member, names)
  return [textIn(member[0], names), ...member.slice(1).map((part) => renamed(part, names))]
}

/** `Fn.Alias.Arn`, by the longest name that is another now. */
function attributeIn(member: Json, names: Names): Json {
  const parts = isArray(member) ? member : [member]
  if (!parts.every((part) => typeof part === 'string')) return renamed(member, names)
  const [id, attribute] = split(parts.join('.'), names)
  if (id === undefined) return member
  return attribute === undefined ? [id] : [id, attribute]
}

const textIn = (text: string, names: Names): string =>
  text.replaceAll(/\$\{([^!{}][^{}]*)\}/g, (whole, name: string) => {
    const [id, attribute] = split(name.trim(), names)
    if (id === undefined) return whole
    return attribute === undefined ? `\${${id}}` : `\${${id}.${attribute}}`
  })

function split(name: string, names: Names): readonly [id?: string, attribute?: string] {
  const [first = '', second, ...rest] = name.split('.')
  const generated = second === undefined ? undefined : names.get(`${first}.${second}`)
  if (generated !== undefined) return rest.length > 0 ? [generated, rest.join('.')] : [generated]
  const other = names.get(first)
  if (other === undefined) return []
  return second === undefined ? [other] : [other, [second, ...rest].join('.')]
}
