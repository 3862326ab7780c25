/**
 * A list of records: a filter, an empty state that teaches, fifty rows at a time and more from the API on demand.
 * A table where there is room; on a phone one card per record, because a table there breaks names letter by letter.
 */
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Pagination from '@cloudscape-design/components/pagination'
import Table from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import { type ReactNode, useState } from 'react'

import '../services.css'
import { useMessages } from '../messages/messages.tsx'
import { Problem } from './error.tsx'
import { useIsNarrow } from './narrow.ts'

export interface Column<T> {
  readonly header: string
  readonly text: (item: T) => string
  readonly cell?: (item: T) => ReactNode
  /** In pixels: narrower, its words would break. */
  readonly minWidth?: number
  /** Takes a line of its own on a phone's card. */
  readonly isLong?: boolean
}

interface RecordsProps<T> {
  readonly title: string
  readonly items: readonly T[] | undefined
  readonly columns: readonly Column<T>[]
  readonly error?: unknown
  readonly empty?: ReactNode
  readonly actions?: ReactNode
  /** The next page of the API; absent when there is none. */
  readonly onMore?: (() => void) | undefined
  /** A part of a page, not the page. */
  readonly isPart?: boolean
  /** Takes the filter's text where somebody else does the filtering, who may hold that text, too. */
  readonly onSearch?: ((text: string) => void) | undefined
  readonly search?: string
}

const ROWS = 50
const [FIRST_PX, OTHER_PX] = [160, 110]

export function Records<T>({
  title,
  items,
  columns,
  error,
  empty,
  actions,
  onMore,
  isPart,
  onSearch,
  search: held,
}: RecordsProps<T>) {
  const { t } = useMessages()
  const [own, setFilter] = useState('')
  const filter = held ?? own
  const [page, setPage] = useState(1)
  const isNarrow = useIsNarrow()
  const wanted = onSearch ? '' : filter.toLowerCase()
  const found = (items ?? []).filter((item) => columns.some(({ text }) => text(item).toLowerCase().includes(wanted)))
  const pages = Math.max(1, Math.ceil(found.length / ROWS))
  const at = Math.min(page, pages)
  const shown = found.slice((at - 1) * ROWS, at * ROWS)
  const isLoading = items === undefined && !error
  const nothing = filter === '' ? (empty ?? t('nothing')) : t('noMatch')
  const header = (
    <Header
      variant={isPart ? 'h2' : 'h1'}
      counter={items ? `(${items.length}${onMore ? '+' : ''})` : ''}
      actions={actions && <div className="actions">{actions}</div>}
    >
      <span className="anywhere">{title}</span>
    </Header>
  )
  const search = (
    <TextFilter
      filteringText={filter}
      filteringPlaceholder={t('search')}
      filteringAriaLabel={`${t('search')}: ${title}`}
      {...(filter !== '' && onMore && !onSearch && { countText: t('searchLoaded', { n: items?.length ?? 0 }) })}
      onChange={({ detail }) => {
        setFilter(detail.filteringText)
        setPage(1)
        onSearch?.(detail.filteringText)
      }}
    />
  )
  const paging = (pages > 1 || onMore) && items && items.length >= ROWS && (
    <Pagination
      currentPageIndex={at}
      pagesCount={pages}
      openEnd={onMore !== undefined}
      onChange={({ detail }) => setPage(detail.currentPageIndex)}
      onNextPageClick={({ detail }) => detail.requestedPageAvailable || onMore?.()}
      ariaLabels={{
        nextPageLabel: t('nextPage'),
        previousPageLabel: t('previousPage'),
        pageLabel: (number) => t('pageOf', { n: number }),
      }}
    />
  )
  const more = onMore && <Button onClick={onMore}>{t('more')}</Button>
  return (
    <div className={isPart ? 'records part' : 'records'}>
      <Problem error={error} />
      {isNarrow ? (
        <section className="cards-of-records" aria-label={title}>
          {header}
          {search}
          {paging}
          {isLoading && <p role="status">{t('loading')}</p>}
          {!isLoading && shown.length === 0 && <div className="empty">{nothing}</div>}
          <ul>
            {shown.map((item, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows keep nothing of their own
              <li key={row}>
                <Card item={item} columns={columns} />
              </li>
            ))}
          </ul>
          {more}
        </section>
      ) : (
        <Table
          variant="container"
          wrapLines
          loading={isLoading}
          loadingText={t('loading')}
          header={header}
          filter={search}
          pagination={paging || undefined}
          items={shown}
          columnDefinitions={columns.map(({ header: name, text, cell, minWidth }, at) => ({
            id: name,
            header: name,
            cell: (item: T) => <span className="anywhere">{cell?.(item) ?? text(item)}</span>,
            minWidth: minWidth ?? (at === 0 ? FIRST_PX : OTHER_PX),
          }))}
          ariaLabels={{ tableLabel: title }}
          empty={<div className="empty">{nothing}</div>}
          footer={more}
        />
      )}
    </div>
  )
}

/** The first column stands as the card's title, the rest as names and values. */
function Card<T>({ item, columns }: { readonly item: T; readonly columns: readonly Column<T>[] }) {
  const [first, ...rest] = columns
  return (
    <>
      <div className="card-title">{first && (first.cell?.(item) ?? first.text(item))}</div>
      <dl>
        {rest
          .map(({ header, text, cell, isLong }) => ({ header, isLong, shown: cell?.(item) ?? text(item) }))
          .filter(({ shown }) => shown !== '' && shown !== false)
          .map(({ header, isLong, shown }) => (
            <div key={header} className={isLong ? 'long' : ''}>
              <dt>{header}</dt>
              <dd>{shown}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}
