/** Functions: what they are, and a call by hand. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { callRest } from '../../api/client.ts'
import { Problem } from '../../parts/error.tsx'
import { JsonView } from '../../parts/json-view.tsx'
import { Records } from '../../parts/records.tsx'
import { Link, pathTo } from '../../router.tsx'
import { useWords } from '../../words/words.tsx'
import type { PageProps } from '../index.ts'

interface LambdaFunction {
  readonly FunctionName: string
  readonly Runtime?: string
  readonly Handler?: string
  readonly LastModified?: string
}

const PATH = '/2015-03-31/functions'

export default function FunctionsPage({ subject }: PageProps) {
  return subject === '' ? <Functions /> : <One name={subject} />
}

function Functions() {
  const { t } = useWords()
  const { data, error } = useQuery({
    queryKey: ['functions'],
    queryFn: async ({ signal }) =>
      ((await callRest('GET', PATH, undefined, signal)) as { Functions: readonly LambdaFunction[] }).Functions,
  })
  return (
    <Records
      title={t('functions')}
      items={data}
      error={error}
      empty={t('emptyService')}
      columns={[
        {
          header: t('name'),
          text: (one) => one.FunctionName,
          cell: (one) => <Link to={pathTo('functions', one.FunctionName)}>{one.FunctionName}</Link>,
        },
        { header: t('runtime'), text: (one) => one.Runtime ?? '' },
        { header: t('handler'), text: (one) => one.Handler ?? '' },
        { header: t('modified'), text: (one) => one.LastModified ?? '' },
      ]}
    />
  )
}

function One({ name }: { readonly name: string }) {
  const { t } = useWords()
  const [payload, setPayload] = useState('{}')
  const { data, error } = useQuery({
    queryKey: ['function', name],
    queryFn: ({ signal }) => callRest('GET', `${PATH}/${encodeURIComponent(name)}`, undefined, signal),
  })
  const invoke = useMutation({
    mutationFn: async () =>
      (await fetch(`${PATH}/${encodeURIComponent(name)}/invocations`, { method: 'POST', body: payload })).text(),
  })
  return (
    <>
      <h1>{name}</h1>
      <Problem error={error ?? invoke.error} />
      <p>
        <Link to={pathTo('logs', `/aws/lambda/${name}`)}>{t('logs')}</Link>
      </p>
      <div className="form">
        <label>
          {t('payload')} <textarea value={payload} onChange={(event) => setPayload(event.target.value)} />
        </label>
        <Button variant="primary" loading={invoke.isPending} onClick={() => invoke.mutate()}>
          {t('invoke')}
        </Button>
      </div>
      {invoke.data !== undefined && <JsonView label={t('result')} text={invoke.data} />}
      <h2>{t('details')}</h2>
      <JsonView label={t('details')} text={JSON.stringify(data)} />
    </>
  )
}
