/** DynamoDB tables and their first items. */
import { useQuery } from '@tanstack/react-query'

import { callJson } from '../../api/client.ts'
import { Problem } from '../../parts/error.tsx'
import { JsonView } from '../../parts/json-view.tsx'
import { Records } from '../../parts/records.tsx'
import { Link, pathTo } from '../../router.tsx'
import { useWords } from '../../words/words.tsx'
import type { PageProps } from '../index.ts'

const TARGET = 'DynamoDB_20120810'

export default function TablesPage({ subject }: PageProps) {
  return subject === '' ? <Tables /> : <Items table={subject} />
}

function Tables() {
  const { t } = useWords()
  const { data, error } = useQuery({
    queryKey: ['tables'],
    queryFn: async ({ signal }) =>
      ((await callJson(`${TARGET}.ListTables`, {}, signal)) as { TableNames: readonly string[] }).TableNames,
  })
  return (
    <Records
      title={t('tables')}
      items={data}
      error={error}
      empty={t('emptyService')}
      columns={[{ header: t('name'), text: (name) => name, cell: (name) => <Link to={pathTo('tables', name)}>{name}</Link> }]}
    />
  )
}

function Items({ table }: { readonly table: string }) {
  const { t } = useWords()
  const { data, error } = useQuery({
    queryKey: ['items', table],
    queryFn: async ({ signal }) =>
      ((await callJson(`${TARGET}.Scan`, { TableName: table, Limit: 100 }, signal)) as { Items: readonly object[] }).Items,
  })
  return (
    <>
      <h1>{table}</h1>
      <Problem error={error} />
      <p>
        {t('items')}: {data?.length ?? '–'}
      </p>
      {data?.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items come as one list and are never moved
        <JsonView key={index} label={t('items')} text={JSON.stringify(item)} />
      ))}
    </>
  )
}
