/** Functions: what they are, their code, a call by hand, and their logs. */
import Tabs from '@cloudscape-design/components/tabs'
import { useQuery } from '@tanstack/react-query'

import { deleteFunction, getFunction, type LambdaFunction, listFunctions } from '../../api/lambda.ts'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Problem } from '../../ui/error.tsx'
import { fact, Facts } from '../../ui/facts.tsx'
import { Loading } from '../../ui/loading.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Records } from '../../ui/records.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { showBytes, showTime } from '../../ui/time.ts'
import { useLeave } from '../../ui/use-leave.ts'
import { usePages } from '../../ui/use-pages.ts'
import { go, Link, pathTo } from '../../router.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { PageProps } from '../page.ts'
import { CodeFiles } from './code-files.tsx'
import { Invoke } from './invoke.tsx'
import { LogFollower } from './log-follower.tsx'
import { NewFunction } from './new-function.tsx'

export default function FunctionsPage({ subject, query }: PageProps) {
  return subject === '' ? <Functions /> : <One name={subject} tab={query.get('tab') ?? 'invoke'} />
}

/** `2026-11-23T07:00:00.000+0000` is not quite what Date reads everywhere. */
const secondsOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text.replace(/\+0000$/, 'Z')) / 1_000

function Functions() {
  const { t, language } = useMessages()
  const { items, error, onMore } = usePages(['functions'], listFunctions)
  return (
    <>
      <Records
        title={t('functions')}
        items={items}
        error={error}
        onMore={onMore}
        empty={<EmptyState text={t('emptyFunctions')} />}
        columns={[
          {
            header: t('name'),
            text: (one) => one.FunctionName,
            cell: (one) => <Link to={pathTo('functions', one.FunctionName)}>{one.FunctionName}</Link>,
          },
          { header: t('runtime'), text: (one) => one.Runtime ?? '', minWidth: 110 },
          { header: t('handler'), text: (one) => one.Handler ?? '' },
          { header: t('modified'), text: (one) => showTime(secondsOf(one.LastModified), language) },
        ]}
      />
      <NewFunction />
    </>
  )
}

function One({ name, tab }: { readonly name: string; readonly tab: string }) {
  const { t } = useMessages()
  const { data, error } = useQuery({ queryKey: ['function', name], queryFn: ({ signal }) => getFunction(name, signal) })
  const leave = useLeave(['functions'], pathTo('functions'))
  const group = data?.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`
  return (
    <>
      <PageHead title={name} back={[pathTo('functions'), t('functions')]}>
        <Link to={pathTo('logs', group)}>{t('logGroup')}</Link>
        <ConfirmButton
          label={t('remove')}
          fullLabel={`${t('remove')}: ${name}`}
          question={t('deleteSure', { name })}
          onYes={() => deleteFunction(name).then(leave)}
        />
      </PageHead>
      <Problem error={error} />
      {!data && !error && <Loading />}
      {data && (
        <>
          <Configuration found={data} />
          <div className="below-facts" />
          <Tabs
            activeTabId={tab}
            onChange={({ detail }) => go(pathTo('functions', name, { tab: detail.activeTabId }), { replace: true })}
            tabs={[
              { id: 'invoke', label: t('invoke'), content: tab === 'invoke' && <Invoke name={name} /> },
              { id: 'code', label: t('code'), content: tab === 'code' && <CodeFiles found={data} /> },
              { id: 'environment', label: t('environment'), content: tab === 'environment' && <Environment found={data} /> },
              { id: 'logs', label: t('log'), content: tab === 'logs' && <LogFollower group={group} /> },
            ]}
          />
        </>
      )}
    </>
  )
}

function Configuration({ found }: { readonly found: LambdaFunction }) {
  const { t, language } = useMessages()
  return (
    <Facts
      facts={[
        fact(t('runtime'), found.Runtime),
        fact(t('handler'), found.Handler),
        fact(t('memory'), `${found.MemorySize ?? '–'} MB`),
        fact(t('timeout'), `${found.Timeout ?? '–'} s`),
        fact(t('codeSize'), showBytes(found.CodeSize ?? 0)),
        fact(t('modified'), showTime(secondsOf(found.LastModified), language)),
        fact(t('arn'), <span className="arn">{found.FunctionArn}</span>),
        ...(found.Description ? [fact(t('description'), found.Description)] : []),
      ]}
    />
  )
}

function Environment({ found }: { readonly found: LambdaFunction }) {
  const { t } = useMessages()
  return (
    <Records
      isPart
      title={t('environment')}
      items={Object.entries(found.Environment?.Variables ?? {})}
      empty={t('noEnvironment')}
      columns={[
        { header: t('name'), text: ([name]) => name },
        { header: t('value'), text: ([, value]) => value },
      ]}
    />
  )
}
