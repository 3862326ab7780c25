/**
 * The beginning of an object: text, JSON, CSV, or a picture. Never as a page: text is text, and a picture is an `img` of a
 * type from our own list, so nothing in a bucket can run here.
 */
import Button from '@cloudscape-design/components/button'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { downloadPath, type ObjectPiece, readBeginning } from '../../api/s3.ts'
import { readCsv } from '../../model/csv.ts'
import { Problem } from '../../ui/error.tsx'
import { JsonView } from '../../ui/json-view.tsx'
import { Loading } from '../../ui/loading.tsx'
import { showBytes } from '../../ui/time.ts'
import { useMessages } from '../../messages/messages.tsx'

const TEXT_BYTES_MAX = 131_072
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
  if (piece.bytes.includes(0)) return <p>{t('binary')}</p>
  const text = new TextDecoder().decode(piece.bytes)
  return ending === 'csv' || ending === 'tsv' ? (
    <Sheet text={text} delimiter={ending === 'csv' ? ',' : '\t'} />
  ) : (
    <JsonView label={t('preview')} text={text} />
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

const ROWS_MAX = 100
const COLUMNS_MAX = 30

function Sheet({ text, delimiter }: { readonly text: string; readonly delimiter: string }) {
  const { t } = useMessages()
  const [head = [], ...rows] = readCsv(text, delimiter, ROWS_MAX + 1).map((row) => row.slice(0, COLUMNS_MAX))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="sheet" tabIndex={0} aria-label={t('preview')}>
      <table>
        <thead>
          <tr>
            {head.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: cells have no name but their place
              <th key={at} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name but their place
            <tr key={line}>
              {row.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells have no name but their place
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
