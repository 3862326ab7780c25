/** Buckets and what is in them: look, take, put. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { listBuckets, listObjects, pathOfObject, previewObject, putObject } from '../../api/s3.ts'
import { Problem } from '../../parts/error.tsx'
import { JsonView } from '../../parts/json-view.tsx'
import { Records } from '../../parts/records.tsx'
import { Link, pathTo } from '../../router.tsx'
import { useWords } from '../../words/words.tsx'
import type { PageProps } from '../index.ts'

export default function BucketsPage({ subject }: PageProps) {
  return subject === '' ? <Buckets /> : <Objects bucket={subject} />
}

function Buckets() {
  const { t } = useWords()
  const { data, error } = useQuery({ queryKey: ['buckets'], queryFn: ({ signal }) => listBuckets(signal) })
  return (
    <Records
      title={t('buckets')}
      items={data}
      error={error}
      empty={t('emptyBuckets')}
      columns={[
        { header: t('name'), text: ({ name }) => name, cell: ({ name }) => <Link to={pathTo('buckets', name)}>{name}</Link> },
        { header: t('created'), text: ({ created }) => created },
      ]}
    />
  )
}

function Objects({ bucket }: { readonly bucket: string }) {
  const { t } = useWords()
  const queries = useQueryClient()
  const [prefix, setPrefix] = useState('')
  const [open, setOpen] = useState<string>()
  const { data, error } = useQuery({
    queryKey: ['objects', bucket, prefix],
    queryFn: ({ signal }) => listObjects(bucket, prefix, signal),
  })
  const preview = useQuery({
    queryKey: ['preview', bucket, open],
    queryFn: ({ signal }) => previewObject(bucket, open ?? '', signal),
    enabled: open !== undefined,
  })
  const upload = useMutation({
    mutationFn: (file: File) => putObject(bucket, `${prefix}${file.name}`, file),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['objects', bucket] }),
  })
  return (
    <>
      <Problem error={upload.error} />
      <div className="form">
        <label>
          Prefix <input value={prefix} onChange={(event) => setPrefix(event.target.value)} />
        </label>
        <label>
          {t('upload')}{' '}
          <input type="file" onChange={(event) => event.target.files?.[0] && upload.mutate(event.target.files[0])} />
        </label>
      </div>
      <Records
        title={bucket}
        items={data}
        error={error}
        columns={[
          {
            header: t('key'),
            text: ({ key }) => key,
            cell: ({ key }) => (
              <button type="button" className="plain" onClick={() => setOpen(key)}>
                {key}
              </button>
            ),
          },
          { header: t('size'), text: ({ size }) => String(size) },
          { header: t('modified'), text: ({ modified }) => modified },
          {
            header: t('download'),
            text: () => '',
            cell: ({ key }) => (
              <a className="link" href={pathOfObject(bucket, key)} download>
                {t('download')}
              </a>
            ),
          },
        ]}
      />
      {open !== undefined && (
        <>
          <h2>{open}</h2>
          <JsonView label={t('preview')} text={preview.data} />
        </>
      )}
    </>
  )
}
