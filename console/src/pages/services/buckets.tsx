/** Buckets, and the folders in them: look, take, put. */
import Icon from '@cloudscape-design/components/icon'
import { useQuery, useQueryClient } from '@tanstack/react-query'

import { createBucket, deleteBucket, deleteObject, downloadPath, listBuckets, listEntries, type S3Entry } from '../../api/s3.ts'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Records } from '../../ui/records.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { showBytes, showTime } from '../../ui/time.ts'
import { usePages } from '../../ui/use-pages.ts'
import { go, Link, pathTo } from '../../router.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { PageProps } from '../page.ts'
import { NewNamed } from './new-named.tsx'
import { Preview } from './preview.tsx'
import { Upload } from './upload.tsx'

export default function BucketsPage({ subject, query }: PageProps) {
  if (subject === '') return <Buckets />
  return <Folder bucket={subject} prefix={query.get('prefix') ?? ''} open={query.get('key') ?? undefined} />
}

function Buckets() {
  const { t, language } = useMessages()
  const queries = useQueryClient()
  const { data, error } = useQuery({ queryKey: ['buckets'], queryFn: ({ signal }) => listBuckets(signal) })
  const changed = () => queries.invalidateQueries({ queryKey: ['buckets'] })
  return (
    <>
      <Records
        title={t('buckets')}
        items={data}
        error={error}
        empty={<EmptyState text={t('emptyBuckets')} command="s3 mb s3://my-bucket" />}
        columns={[
          { header: t('name'), text: ({ name }) => name, cell: ({ name }) => <Link to={pathTo('buckets', name)}>{name}</Link> },
          { header: t('createdMasculine'), text: ({ created }) => showTime(Date.parse(created) / 1_000, language) },
          {
            header: t('actions'),
            text: () => '',
            cell: ({ name }) => (
              <ConfirmButton
                isInline
                label={t('remove')}
                fullLabel={`${t('remove')}: ${name}`}
                question={t('deleteSure', { name })}
                onYes={() => deleteBucket(name).then(changed)}
              />
            ),
          },
        ]}
      />
      <NewNamed label={t('newBucket')} onCreate={(bucket) => createBucket(bucket).then(changed)} />
    </>
  )
}

interface FolderProps {
  readonly bucket: string
  /** Ends with a slash, or is empty. */
  readonly prefix: string
  /** The key of the object that is looked at. */
  readonly open: string | undefined
}

function Folder({ bucket, prefix, open }: FolderProps) {
  const { t, language } = useMessages()
  const queries = useQueryClient()
  const { items, error, onMore } = usePages<S3Entry>(['objects', bucket, prefix], (token, signal) =>
    listEntries(bucket, prefix, token, signal),
  )
  const changed = () => queries.invalidateQueries({ queryKey: ['objects', bucket] })
  const show = (key: string) => pathTo('buckets', bucket, { ...(prefix !== '' && { prefix }), key })
  const close = () => go(folderPath(bucket, prefix))
  return (
    <>
      <PageHead title={bucket} back={[pathTo('buckets'), t('buckets')]} />
      <Crumbs bucket={bucket} prefix={prefix} />
      <Upload bucket={bucket} prefix={prefix} onDone={changed} />
      {open !== undefined && <Preview bucket={bucket} objectKey={open} onClose={close} />}
      <Records
        isPart
        title={prefix === '' ? t('objects') : prefix}
        items={items}
        error={error}
        onMore={onMore}
        empty={<EmptyState text={t('emptyFolder')} command={`s3 cp FILE s3://${bucket}/${prefix}`} />}
        columns={[
          {
            header: t('key'),
            text: ({ key }) => key.slice(prefix.length),
            cell: ({ type, key }) => (
              <Link to={type === 'folder' ? folderPath(bucket, key) : show(key)}>
                {type === 'folder' && <Icon name="folder" />} <bdi>{key.slice(prefix.length)}</bdi>
              </Link>
            ),
          },
          { header: t('size'), text: (entry) => (entry.type === 'folder' ? '' : showBytes(entry.size)), minWidth: 90 },
          {
            header: t('modifiedMasculine'),
            text: (entry) => (entry.type === 'folder' ? '' : showTime(Date.parse(entry.modified) / 1_000, language)),
          },
          {
            header: t('actions'),
            text: () => '',
            cell: ({ type, key }) =>
              type === 'object' && (
                <span className="actions">
                  <a
                    className="link"
                    href={downloadPath(bucket, key)}
                    download={key.split('/').at(-1)}
                    aria-label={`${t('download')}: ${key}`}
                  >
                    {t('download')}
                  </a>
                  <ConfirmButton
                    isInline
                    label={t('remove')}
                    fullLabel={`${t('remove')}: ${key}`}
                    question={t('deleteSure', { name: key })}
                    onYes={() => deleteObject(bucket, key).then(changed)}
                  />
                </span>
              ),
          },
        ]}
      />
    </>
  )
}

const folderPath = (bucket: string, prefix: string): string => pathTo('buckets', bucket, prefix === '' ? {} : { prefix })

function Crumbs({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }) {
  const { t } = useMessages()
  const parts = prefix.split('/').slice(0, -1)
  return (
    <nav aria-label={t('path')}>
      <ol className="crumbs">
        <li>
          <Link to={folderPath(bucket, '')}>{bucket}</Link>
        </li>
        {parts.map((part, depth) => {
          const path = `${parts.slice(0, depth + 1).join('/')}/`
          return (
            <li key={path}>
              <Link to={folderPath(bucket, path)}>
                <bdi>{part === '' ? '""' : part}</bdi>
              </Link>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
