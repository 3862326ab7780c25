/** A table of records with a filter over all its texts, an empty state that teaches, and more on demand. */
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import { type ReactNode, useState } from 'react'

import { useWords } from '../words/words.tsx'
import { Problem } from './error.tsx'

export interface Column<T> {
  readonly header: string
  readonly text: (item: T) => string
  readonly cell?: (item: T) => ReactNode
}

interface RecordsProps<T> {
  readonly title: string
  readonly items: readonly T[] | undefined
  readonly columns: readonly Column<T>[]
  readonly error?: unknown
  readonly empty?: ReactNode
  readonly actions?: ReactNode
  readonly onMore?: (() => void) | undefined
}

export function Records<T>({ title, items, columns, error, empty, actions, onMore }: RecordsProps<T>) {
  const { t } = useWords()
  const [filter, setFilter] = useState('')
  const wanted = filter.toLowerCase()
  const shown = (items ?? []).filter((item) => columns.some(({ text }) => text(item).toLowerCase().includes(wanted)))
  return (
    <SpaceBetween size="s">
      <Problem error={error} />
      <Table
        variant="container"
        wrapLines
        loading={items === undefined && !error}
        loadingText={t('loading')}
        header={
          <Header variant="h1" counter={items ? `(${items.length}${onMore ? '+' : ''})` : ''} actions={actions}>
            {title}
          </Header>
        }
        filter={
          <TextFilter
            filteringText={filter}
            filteringPlaceholder={t('search')}
            filteringAriaLabel={`${t('search')}: ${title}`}
            onChange={({ detail }) => setFilter(detail.filteringText)}
          />
        }
        items={shown}
        columnDefinitions={columns.map(({ header, text, cell }) => ({
          id: header,
          header,
          cell: (item: T) => cell?.(item) ?? text(item),
        }))}
        empty={filter === '' ? (empty ?? t('nothing')) : t('noMatch')}
        footer={onMore && <Button onClick={onMore}>{t('more')}</Button>}
      />
    </SpaceBetween>
  )
}
