/**
 * A JSON text to read: coloured, folded, searched, copied, saved. Only as text: nothing in it is ever taken for markup, and no number
 * is printed anew. Text that is not JSON is shown as it is. Of a long document only the lines in sight are drawn.
 */
import { useEffect, useMemo, useRef, useState } from 'react'

import { findLines, type JsonLine, jsonLines, linesAround, pathText, shownLines } from '../model/json-lines.ts'
import { indented } from '../model/json-text.ts'
import { useMessages } from '../messages/messages.tsx'
import { download } from './download.ts'

interface JsonViewProps {
  readonly text: string | undefined
  readonly label: string
}

const PLAIN_MAX = 200_000
/** Of one value; all of it is copied and saved. */
const VALUE_MAX = 20_000
/** More lines have one height, and those out of sight are not drawn. */
const WRAPPED_MAX = 1_000
const [LINE_PX, SHOWN, MARGIN] = [18, 26, 20]
const SEARCHED_FROM = 8

export function JsonView({ text, label }: JsonViewProps) {
  const lines = useMemo(() => (text === undefined ? undefined : jsonLines(text)), [text])
  if (text !== undefined && lines && lines.length > 1) return <Lines key={text} text={text} label={label} lines={lines} />
  const plain = text === undefined ? '–' : text.length > PLAIN_MAX ? `${text.slice(0, PLAIN_MAX)}…` : indented(text)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="json" tabIndex={0} aria-label={label}>
      {plain}
    </section>
  )
}

interface LinesProps {
  readonly text: string
  readonly label: string
  readonly lines: readonly JsonLine[]
}

function Lines({ text, label, lines }: LinesProps) {
  const { t } = useMessages()
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set())
  const [wanted, setWanted] = useState('')
  const [turn, setTurn] = useState(0)
  const [top, setTop] = useState(0)
  const frame = useRef<HTMLElement>(null)
  const shown = useMemo(() => shownLines(lines, folded), [lines, folded])
  const found = useMemo(() => findLines(lines, wanted), [lines, wanted])
  const current = found[turn % Math.max(1, found.length)]
  const isWindowed = shown.length > WRAPPED_MAX
  const [first, last] = isWindowed ? inSight(top, shown.length) : [0, shown.length]

  useEffect(() => {
    if (current === undefined) return
    setFolded((before) => new Set([...before].filter((at) => !linesAround(lines, current).includes(at))))
  }, [current, lines])
  useEffect(() => {
    const holder = frame.current
    const at = current === undefined ? -1 : shown.indexOf(current)
    if (!holder || at < 0) return
    const line = holder.querySelector('.current')
    if (line instanceof HTMLElement) holder.scrollTop = line.offsetTop - holder.clientHeight / 2
    else holder.scrollTop = at * LINE_PX - holder.clientHeight / 2
  }, [current, shown])

  const toggle = (at: number) => {
    const next = new Set(folded)
    if (!next.delete(at)) next.add(at)
    setFolded(next)
  }
  /** All within the outermost bracket. */
  const foldAll = () => {
    const inner = lines.flatMap(({ end }, at) => (end !== undefined && at > 0 ? [at] : []))
    setFolded(folded.size > 0 ? new Set() : new Set(inner.length > 0 ? inner : [0]))
  }
  const isFound = new Set(found)
  return (
    <div className="json-view">
      <div className="json-tools">
        {lines.length > SEARCHED_FROM && (
          <input
            type="search"
            placeholder={t('search')}
            aria-label={`${t('search')}: ${label}`}
            value={wanted}
            onChange={(event) => {
              setWanted(event.target.value)
              setTurn(0)
            }}
            onKeyDown={(event) => event.key === 'Enter' && setTurn(turn + (event.shiftKey ? found.length - 1 : 1))}
          />
        )}
        {wanted !== '' && (
          <span role="status">{found.length === 0 ? t('noMatch') : `${(turn % found.length) + 1}/${found.length}`}</span>
        )}
        <button type="button" onClick={foldAll} aria-label={`${t(folded.size > 0 ? 'unfoldAll' : 'foldAll')}: ${label}`}>
          {folded.size > 0 ? '▸▸' : '▾▾'}
        </button>
        <CopyButton label={label} text={text} />
        <button
          type="button"
          aria-label={`${t('download')}: ${label}`}
          title={t('download')}
          onClick={() => download(new Blob([text], { type: 'application/json' }), `${label}.json`)}
        >
          ⤓
        </button>
      </div>
      <section
        className={`json lines${isWindowed ? ' one-height' : ''}`}
        aria-label={label}
        ref={frame}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        {...(isWindowed && { onScroll: (event) => setTop(event.currentTarget.scrollTop) })}
      >
        <div style={{ height: first * LINE_PX }} />
        {shown.slice(first, last).map((at) => {
          const line = lines[at]
          if (!line) return null
          const mark = at === current ? 'current' : isFound.has(at) ? 'found' : ''
          return <Line key={at} line={line} mark={mark} isFolded={folded.has(at)} onFold={() => toggle(at)} />
        })}
        <div style={{ height: (shown.length - last) * LINE_PX }} />
      </section>
    </div>
  )
}

function inSight(top: number, length: number): readonly [first: number, last: number] {
  const first = Math.max(0, Math.min(Math.floor(top / LINE_PX), length - SHOWN) - MARGIN)
  return [first, Math.min(length, first + SHOWN + 2 * MARGIN)]
}

interface LineProps {
  readonly line: JsonLine
  readonly mark: string
  readonly isFolded: boolean
  readonly onFold: () => void
}

/** Deeper, the indentation says nothing any more. */
const DEPTH_MAX = 40

function Line({ line, mark, isFolded, onFold }: LineProps) {
  const { t } = useMessages()
  const { depth, name, kind, text, hasComma, path, count } = line
  const value = text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text
  return (
    <div className={`json-line ${mark}`} style={{ paddingInlineStart: 18 + Math.min(depth, DEPTH_MAX) * 14 }}>
      {kind === 'open' && (
        <button
          type="button"
          tabIndex={-1}
          className="fold-mark"
          aria-expanded={!isFolded}
          aria-label={pathText(path)}
          onClick={onFold}
        >
          {isFolded ? '▸' : '▾'}
        </button>
      )}
      {name !== undefined && (
        <button
          type="button"
          tabIndex={-1}
          className="json-name"
          title={`${t('copyPath')}: ${pathText(path)}`}
          onClick={() => void navigator.clipboard?.writeText(pathText(path))}
        >
          {name}
        </button>
      )}
      {name !== undefined && ': '}
      <span className={`json-${kind}`}>{value}</span>
      {isFolded && (
        <span className="json-folded">
          {' '}
          {count} … {text === '[' ? ']' : '}'}
        </span>
      )}
      {hasComma && ','}
    </div>
  )
}

function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { t } = useMessages()
  const [isCopied, setCopied] = useState(false)
  return (
    <button
      type="button"
      aria-label={`${t(isCopied ? 'copied' : 'copy')}: ${label}`}
      onBlur={() => setCopied(false)}
      onClick={() => void navigator.clipboard?.writeText(indented(text)).then(() => setCopied(true))}
    >
      {t(isCopied ? 'copied' : 'copy')}
    </button>
  )
}
