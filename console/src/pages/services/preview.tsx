/**
 * The beginning of an object: text, JSON, CSV, or a picture. Never as a page: text is text, and a picture is an `img` of a
 * type from our own list, so nothing in a bucket can run here.
 */
import Button from '@cloudscape-design/components/button'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'

import { downloadPath, type ObjectPiece, readBeginning } from '../../api/s3.ts'
import { readCsv } from '../../model/csv.ts'
import { indented } from '../../model/json-text.ts'
import { showText } from '../../model/shown-text.ts'
import { Problem } from '../../ui/error.tsx'
import { Loading } from '../../ui/loading.tsx'
import { LineChoice, NumberedText } from '../../ui/numbered-text.tsx'
import { showBytes } from '../../ui/time.ts'
import { useMessages } from '../../messages/messages.tsx'

const TEXT_BYTES_MAX = 1_048_576
const IMAGE_BYTES_MAX = 8_388_608
const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
}

interface PreviewProps {
  readonly bucket: string
  readonly objectKey: string
  readonly onClose: () => void
}

export function Preview({ bucket, objectKey, onClose }: PreviewProps) {
  const { t } = useMessages()
  const ending = /\.(\w+)$/.exec(objectKey)?.[1]?.toLowerCase() ?? ''
  const imageType = IMAGES[ending]
  const { data, error } = useQuery({
    queryKey: ['preview', bucket, objectKey],
    queryFn: ({ signal }) => readBeginning(bucket, objectKey, imageType === undefined ? TEXT_BYTES_MAX : IMAGE_BYTES_MAX, signal),
  })
  return (
    <section className="panel preview" aria-label={t('preview')}>
      <div className="page-head-line">
        <h2 className="anywhere">{objectKey}</h2>
        <div className="actions">
          <a className="link" href={downloadPath(bucket, objectKey)} download={objectKey.split('/').at(-1)}>
            {t('download')}
          </a>
          <Button onClick={onClose}>{t('close')}</Button>
        </div>
      </div>
      <Problem error={error} />
      {!data && !error && <Loading />}
      {data && (
        <>
          <p>
            {showBytes(data.size)} {data.contentType}
            {data.bytes.length < data.size && ` · ${t('previewCut', { size: showBytes(data.bytes.length) })}`}
          </p>
          <Content piece={data} ending={ending} imageType={imageType} name={objectKey} />
        </>
      )}
    </section>
  )
}

interface ContentProps {
  readonly piece: ObjectPiece
  readonly ending: string
  readonly imageType: string | undefined
  readonly name: string
}

function Content({ piece, ending, imageType, name }: ContentProps) {
  const { t } = useMessages()
  if (piece.size === 0) return <p>{t('emptyObject')}</p>
  if (imageType !== undefined && piece.bytes.length === piece.size)
    return <Picture bytes={piece.bytes} type={imageType} name={name} />
  return <Text key={name} bytes={piece.bytes} ending={ending} isWhole={piece.bytes.length === piece.size} />
}

const SHEETS: Readonly<Record<string, string>> = { csv: ',', tsv: '\t' }

interface TextProps {
  readonly bytes: Uint8Array
  readonly ending: string
  readonly isWhole: boolean
}

function Text({ bytes, ending, isWhole }: TextProps) {
  const { t } = useMessages()
  const { text, strange, isBinary } = useMemo(() => showText(bytes), [bytes])
  const [isWanted, setWanted] = useState(false)
  const delimiter = SHEETS[ending]
  const [isSheet, setSheet] = useState(delimiter !== undefined)
  if (isBinary && !isWanted)
    return (
      <p>
        {t('binary')}{' '}
        <button type="button" className="plain" onClick={() => setWanted(true)}>
          {t('showAnyway')}
        </button>
      </p>
    )
  return (
    <>
      {strange > 0 && <p role="note">{t('strangeBytes', { n: strange })}</p>}
      {delimiter !== undefined && (
        <div className="toolbar">
          <button type="button" aria-pressed={isSheet} onClick={() => setSheet(true)}>
            {t('table')}
          </button>
          <button type="button" aria-pressed={!isSheet} onClick={() => setSheet(false)}>
            {t('asText')}
          </button>
        </div>
      )}
      {delimiter !== undefined && isSheet ? (
        <Sheet text={text} delimiter={delimiter} />
      ) : (
        <NumberedText label={t('preview')} text={isWhole ? indented(text) : text} />
      )}
    </>
  )
}

function Picture({
  bytes,
  type,
  name,
}: {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly name: string
}) {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [bytes, type])
  return url === undefined ? null : <img src={url} alt={name} />
}

const ROWS_READ_MAX = 100_000
const ROWS_SHOWN = 200
const COLUMNS_MAX = 30

/** Its rows with the lines at which they begin; so many at a time, from the line that is wanted. */
function Sheet({ text, delimiter }: { readonly text: string; readonly delimiter: string }) {
  const { t } = useMessages()
  const [wanted, setWanted] = useState(1)
  const [head, ...rows] = useMemo(() => readCsv(text, delimiter, ROWS_READ_MAX), [text, delimiter])
  const at = Math.max(
    0,
    rows.findLastIndex(({ line }) => line <= wanted),
  )
  const first = Math.max(0, Math.min(at - 5, rows.length - ROWS_SHOWN))
  const shown = rows.slice(first, first + ROWS_SHOWN)
  const rest = rows.length - first - shown.length
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    const row = box.current?.querySelector<HTMLElement>('tr.marked')
    // Below the head, which stays in sight, and the row before.
    if (wanted > 1 && row) box.current?.scrollTo({ top: row.offsetTop - 2 * row.offsetHeight })
  }, [wanted])
  return (
    <>
      <LineChoice label={t('goToLine')} onGo={(line) => setWanted(Math.max(1, line || 1))} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section className="sheet" tabIndex={0} aria-label={t('preview')} ref={box}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('line')}</th>
              {head?.cells.slice(0, COLUMNS_MAX).map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells have no name but their place
                <th key={at} scope="col">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ line, cells }, row) => (
              <tr key={line} className={wanted > 1 && first + row === at ? 'marked' : ''}>
                <th scope="row">{line}</th>
                {cells.slice(0, COLUMNS_MAX).map((cell, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells have no name but their place
                  <td key={at}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rest > 0 && (
        <button type="button" className="plain" onClick={() => setWanted(shown.at(-1)?.line ?? 1)}>
          {t('moreRows', { n: rest })}
        </button>
      )}
    </>
  )
}
