/** DynamoDB tables and their items, in DynamoDB's own JSON. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import {
  callDynamo,
  describeTable,
  type Item,
  keyOf,
  listTables,
  scanItems,
  showValue,
  type TableFacts,
} from '../../api/dynamodb.ts'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Problem } from '../../ui/error.tsx'
import { fact, Facts } from '../../ui/facts.tsx'
import { Loading } from '../../ui/loading.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Records } from '../../ui/records.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { showTime } from '../../ui/time.ts'
import { usePages } from '../../ui/use-pages.ts'
import { go, Link, pathTo } from '../../router.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { PageProps } from '../page.ts'

export default function TablesPage({ subject, query }: PageProps) {
  return subject === '' ? <Tables /> : <OneTable name={subject} itemKey={query.get('key') ?? undefined} />
}

const CREATE = [
  'dynamodb create-table --table-name my-table --billing-mode PAY_PER_REQUEST',
  '--key-schema AttributeName=id,KeyType=HASH --attribute-definitions AttributeName=id,AttributeType=S',
].join(' ')

function Tables() {
  const { t } = useMessages()
  const { items, error, onMore } = usePages(['tables'], listTables)
  return (
    <Records
      title={t('tables')}
      items={items}
      error={error}
      onMore={onMore}
      empty={<EmptyState text={t('emptyTables')} command={CREATE} />}
      columns={[{ header: t('name'), text: (name) => name, cell: (name) => <Link to={pathTo('tables', name)}>{name}</Link> }]}
    />
  )
}

/** `itemKey`: the key of the item that is looked at, as JSON; `new` for one that is to be. */
function OneTable({ name, itemKey }: { readonly name: string; readonly itemKey: string | undefined }) {
  const { t, language } = useMessages()
  const { data: table, error } = useQuery({ queryKey: ['table', name], queryFn: ({ signal }) => describeTable(name, signal) })
  return (
    <>
      <PageHead title={name} back={[pathTo('tables'), t('tables')]}>
        <Button variant="primary" onClick={() => go(pathTo('tables', name, { key: 'new' }))}>
          {t('newItem')}
        </Button>
      </PageHead>
      <Problem error={error} />
      {!table && !error && <Loading />}
      {table && (
        <>
          <Facts
            facts={[
              ...table.KeySchema.map(({ AttributeName, KeyType }) =>
                fact(t(KeyType === 'HASH' ? 'partitionKey' : 'sortKey'), `${AttributeName} (${typeOf(table, AttributeName)})`),
              ),
              fact(t('created'), showTime(table.CreationDateTime, language)),
              ...(table.GlobalSecondaryIndexes
                ? [fact(t('indexes'), table.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName).join(', '))]
                : []),
            ]}
          />
          {itemKey === 'new' && <ItemEditor key="new" table={table} item={templateOf(table)} isNew />}
          {itemKey !== undefined && itemKey !== 'new' && <OneItem key={itemKey} table={table} itemKey={itemKey} />}
          <Items table={table} />
        </>
      )}
    </>
  )
}

const typeOf = (table: TableFacts, attribute: string): string =>
  table.AttributeDefinitions.find(({ AttributeName }) => AttributeName === attribute)?.AttributeType ?? 'S'

const templateOf = (table: TableFacts): Item =>
  Object.fromEntries(
    table.KeySchema.map(({ AttributeName }) => {
      const type = typeOf(table, AttributeName)
      return [AttributeName, { [type]: type === 'N' ? '0' : '' }]
    }),
  )

function Items({ table }: { readonly table: TableFacts }) {
  const { t } = useMessages()
  const name = table.TableName
  const { items, error, onMore } = usePages(['items', name], (token, signal) => scanItems(name, token, signal))
  const [first, ...others] = table.KeySchema.map(({ AttributeName }) => AttributeName)
  const pathOf = (item: Item) => pathTo('tables', name, { key: JSON.stringify(keyOf(table, item)) })
  const rest = (item: Item) =>
    JSON.stringify(
      Object.fromEntries(Object.entries(item).filter(([attribute]) => attribute !== first && !others.includes(attribute))),
    )
  return (
    <Records
      isPart
      title={t('items')}
      items={items}
      error={error}
      onMore={onMore}
      empty={t('emptyItems')}
      columns={[
        {
          header: first ?? t('key'),
          text: (item) => showValue(item[first ?? '']),
          cell: (item) => <Link to={pathOf(item)}>{showValue(item[first ?? '']) || '""'}</Link>,
        },
        ...others.map((attribute) => ({ header: attribute, text: (item: Item) => showValue(item[attribute]) })),
        {
          header: t('attributes'),
          isLong: true,
          text: rest,
          cell: (item) => <span className="arn">{rest(item).slice(0, 160)}</span>,
        },
      ]}
    />
  )
}

function OneItem({ table, itemKey }: { readonly table: TableFacts; readonly itemKey: string }) {
  const { t } = useMessages()
  const { data, error } = useQuery({
    queryKey: ['item', table.TableName, itemKey],
    queryFn: async ({ signal }) => {
      const input = { TableName: table.TableName, Key: JSON.parse(itemKey) as Item, ConsistentRead: true }
      return ((await callDynamo('GetItem', input, signal)) as { Item?: Item }).Item ?? null
    },
  })
  return (
    <>
      <Problem error={error} />
      {data === null && <p role="status">{t('noItem')}</p>}
      {data && <ItemEditor table={table} item={data} />}
    </>
  )
}

interface ItemEditorProps {
  readonly table: TableFacts
  readonly item: Item
  readonly isNew?: boolean
}

function ItemEditor({ table, item, isNew }: ItemEditorProps) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const [text, setText] = useState(() => JSON.stringify(item, null, 2))
  const { TableName } = table
  const close = () => go(pathTo('tables', TableName))
  const changed = async () => {
    for (const name of ['items', 'item', 'table']) await queries.invalidateQueries({ queryKey: [name, TableName] })
  }
  const put = useMutation({
    mutationFn: () => callDynamo('PutItem', { TableName, Item: JSON.parse(text) as Item }),
    onSuccess: changed,
  })
  const remove = async () => {
    await callDynamo('DeleteItem', { TableName, Key: keyOf(table, item) })
    await changed()
    close()
  }
  return (
    <section className="panel" aria-label={t('item')}>
      <div className="form">
        <label className="wide">
          {t('itemJson')} <textarea rows={10} spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
        </label>
        <Button variant="primary" loading={put.isPending} onClick={() => put.mutate()}>
          {t('save')}
        </Button>
        {!isNew && (
          <ConfirmButton
            label={t('remove')}
            question={t('deleteSure', { name: JSON.stringify(keyOf(table, item)) })}
            onYes={remove}
          />
        )}
        <Button onClick={close}>{t('close')}</Button>
        <span role="status">{put.isSuccess && t('saved')}</span>
      </div>
      <Problem error={put.error instanceof SyntaxError ? t('inputInvalid', { reason: put.error.message }) : put.error} />
    </section>
  )
}
