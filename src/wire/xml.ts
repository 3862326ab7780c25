/**
 * XML as AWS's protocols need it: elements and text. The writer escapes everything it is given. The reader knows no
 * DTD and no entities but the five predefined ones, keeps its own stack, and bounds depth and count, so that a hostile
 * document costs one linear pass. Source: XML 1.0, fifth edition, sections 2 and 4.6.
 */
export interface Xml {
  readonly xml: string
}
export type XmlContent = string | number | boolean | bigint | Xml | undefined | readonly XmlContent[]

/** `<name attributes>content</name>`; texts are escaped, undefined is left out. */
export function element(name: string, content?: XmlContent, attributes: Readonly<Record<string, string>> = {}): Xml {
  const head = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
  const inner = renderContent(content)
  return { xml: inner === '' ? `<${name}${head.join('')}/>` : `<${name}${head.join('')}>${inner}</${name}>` }
}

/** An element only where there is a value; otherwise nothing. */
export function optionalElement(name: string, content: XmlContent): Xml | undefined {
  return content === undefined ? undefined : element(name, content)
}

export function xmlDocument(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}`
}

function renderContent(content: XmlContent): string {
  if (content === undefined) return ''
  if (Array.isArray(content)) return (content as readonly XmlContent[]).map(renderContent).join('')
  if (typeof content === 'object' && 'xml' in content) return content.xml
  return escapeXml(String(content))
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
}
const SPECIAL = /[&<>"'\r]/g
/** What XML 1.0 cannot hold at all, not even as a character reference. */
const INVALID = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(INVALID, '')
    .replace(SPECIAL, (char) => ESCAPES[char] ?? char)
}

export class XmlError extends Error {
  override readonly name = 'XmlError'
}

export interface XmlElement {
  /** Local name: a namespace prefix is dropped. */
  readonly name: string
  /** All text directly inside, joined. */
  readonly text: string
  readonly children: readonly XmlElement[]
}

export interface XmlLimits {
  readonly depthMax: number
  readonly elementsMax: number
}

const DEFAULT_LIMITS: XmlLimits = { depthMax: 32, elementsMax: 200_000 }

interface OpenElement {
  readonly name: string
  readonly rawName: string
  text: string
  readonly children: OpenElement[]
}

/** The root element. Throws XmlError where the text is not well-formed, uses a DTD, or passes a limit. */
export function parseXml(text: string, limits: XmlLimits = DEFAULT_LIMITS): XmlElement {
  const open: OpenElement[] = []
  let root: OpenElement | undefined
  let count = 0
  let at = text.startsWith('\ufeff') ? 1 : 0
  const addText = (piece: string) => {
    const current = open.at(-1)
    if (current) current.text += piece
    else if (piece.trim() !== '') throw new XmlError('text outside of the root element')
  }
  while (at < text.length) {
    const less = text.indexOf('<', at)
    if (less < 0) {
      addText(unescapeXml(text.slice(at)))
      break
    }
    if (less > at) addText(unescapeXml(text.slice(at, less)))
    if (text.startsWith('<!--', less)) at = endOf(text, '-->', less + 4)
    else if (text.startsWith('<?', less)) at = endOf(text, '?>', less + 2)
    else if (text.startsWith('<![CDATA[', less)) {
      at = endOf(text, ']]>', less + 9)
      addText(text.slice(less + 9, at - 3))
    } else if (text.startsWith('<!', less)) throw new XmlError('document type definitions are not allowed')
    else if (text.startsWith('</', less)) {
      at = endOf(text, '>', less + 2)
      const closed = open.pop()
      if (closed?.rawName !== text.slice(less + 2, at - 1).trimEnd()) throw new XmlError('a closing tag matches no opening tag')
    } else {
      const tag = readTag(text, less)
      at = tag.end
      if (++count > limits.elementsMax) throw new XmlError('too many elements')
      const made: OpenElement = { name: localName(tag.name), rawName: tag.name, text: '', children: [] }
      const parent = open.at(-1)
      if (parent) parent.children.push(made)
      else if (root) throw new XmlError('more than one root element')
      else root = made
      if (!tag.isEmpty) {
        if (open.length >= limits.depthMax) throw new XmlError('elements are nested too deeply')
        open.push(made)
      }
    }
  }
  if (!root || open.length > 0) throw new XmlError('the document ends too early')
  return root
}

const NAME = /[A-Za-z_\u0080-\uffff][\w.:\-\u0080-\uffff]*/y

/** Reads `<name attributes>`; attributes are passed over (AWS's protocols carry none that matter), quotes respected. */
function readTag(text: string, less: number): { name: string; end: number; isEmpty: boolean } {
  NAME.lastIndex = less + 1
  const name = NAME.exec(text)?.[0]
  if (name === undefined) throw new XmlError('a tag has no name')
  let at = less + 1 + name.length
  for (; at < text.length; at++) {
    const char = text[at]
    if (char === '>') return { name, end: at + 1, isEmpty: text[at - 1] === '/' }
    if (char === '<') break
    if (char === '"' || char === "'") {
      at = text.indexOf(char, at + 1)
      if (at < 0) break
    }
  }
  throw new XmlError('a tag is not closed')
}

const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1)

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  if (found < 0) throw new XmlError('the document ends too early')
  return found + mark.length
}

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text.replace(/\r\n?/g, '\n')
  return text.replace(/\r\n?/g, '\n').replace(/&([^;&\s]{0,10})(;?)/g, (_, name: string, end: string) => {
    const found = end === ';' ? (PREDEFINED.get(name) ?? characterReference(name)) : undefined
    if (found === undefined) throw new XmlError('unknown entity')
    return found
  })
}

function characterReference(name: string): string | undefined {
  const match = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name)
  if (!match) return undefined
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16)
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined
}

export function child(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find((one) => one.name === name)
}

/** The text of the first child of that name, or undefined when there is none. */
export function childText(parent: XmlElement, name: string): string | undefined {
  return child(parent, name)?.text
}

export function childrenNamed(parent: XmlElement, name: string): readonly XmlElement[] {
  return parent.children.filter((one) => one.name === name)
}
