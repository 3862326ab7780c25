/** One state machine: its executions and all that is set on it. */
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Suspense, useState } from 'react'

import { type OutputOf, states } from '../api/client.ts'
import { queryMachine } from '../api/machine.ts'
import { Arn } from '../ui/arn.tsx'
import { Problem } from '../ui/error.tsx'
import { Facts } from '../ui/facts.tsx'
import { JsonView } from '../ui/json-view.tsx'
import { lazily } from '../ui/lazily.ts'
import { Loading } from '../ui/loading.tsx'
import { showTime } from '../ui/time.ts'
import { useLeave } from '../ui/use-leave.ts'
import { go, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import type { PageProps } from './page.ts'
import { ExpressExecutions } from './express-executions.tsx'
import { Executions } from './machine-executions.tsx'
import { Aliases } from './machine-aliases.tsx'
import { Tags, Versions } from './machine-lists.tsx'
import { Settings } from './machine-settings.tsx'
import { StartDialog } from './start-dialog.tsx'

const DefinitionGraph = lazily(() => import('../graph/definition-graph.tsx'))
const CoverageGraph = lazily(() => import('./coverage-graph.tsx'))
const Monitoring = lazily(() => import('./monitoring.tsx'))

type Machine = OutputOf<'DescribeStateMachine'>

export default function MachinePage({ subject: stateMachineArn, query }: PageProps) {
  const { t, language } = useMessages()
  /** The ARN of what is to be started: of the machine, a version or an alias. */
  const [starting, setStarting] = useState(query.has('input') ? stateMachineArn : undefined)
  const [isDeleting, setDeleting] = useState(false)
  const { data, error } = useQuery(queryMachine(stateMachineArn))
  const name = data?.name ?? stateMachineArn.split(':').at(-1) ?? ''
  return (
    <SpaceBetween size="m">
      <Problem error={error} />
      <div className="toolbar">
        <h1>{name}</h1>
        <span className="spacer" />
        <Button onClick={() => setDeleting(true)}>{t('remove')}</Button>
        <Button onClick={() => go(pathTo('editor', stateMachineArn))}>{t('edit')}</Button>
        <Button variant="primary" onClick={() => setStarting(stateMachineArn)}>
          {t('start')}
        </Button>
      </div>
      <div>
        <Arn value={stateMachineArn} />
        <Facts
          facts={[
            [t('type'), t(data?.type === 'EXPRESS' ? 'express' : 'standard')],
            [t('created'), showTime(data?.creationDate, language)],
            [
              t('role'),
              <span className="arn" key="role">
                {data?.roleArn}
              </span>,
            ],
          ]}
        />
      </div>
      {data && <MachineTabs machine={data} stateMachineArn={stateMachineArn} query={query} onStart={setStarting} />}
      {starting !== undefined && (
        <StartDialog
          stateMachineArn={stateMachineArn}
          qualifiedArn={starting}
          firstInput={query.get('input') || undefined}
          onClose={() => setStarting(undefined)}
        />
      )}
      {isDeleting && <DeleteDialog name={name} stateMachineArn={stateMachineArn} onClose={() => setDeleting(false)} />}
    </SpaceBetween>
  )
}

interface MachineTabsProps {
  readonly machine: Machine
  readonly stateMachineArn: string
  readonly query: URLSearchParams
  readonly onStart: (qualifiedArn: string) => void
}

function MachineTabs({ machine, stateMachineArn, query, onStart }: MachineTabsProps) {
  const { t } = useMessages()
  const { name, type, definition = '{}' } = machine
  // AWS keeps no list of Express executions.
  const listed = (content: React.ReactNode) => (type === 'EXPRESS' ? <p>{t('expressNoList')}</p> : content)
  return (
    <Tabs
      ariaLabel={name ?? t('machine')}
      activeTabId={query.get('tab') ?? 'executions'}
      onChange={({ detail }) => go(pathTo('machine', stateMachineArn, { tab: detail.activeTabId }), { replace: true })}
      tabs={[
        {
          id: 'executions',
          label: t('executions'),
          content:
            type === 'EXPRESS' ? (
              <ExpressExecutions machine={machine} />
            ) : (
              <Executions stateMachineArn={stateMachineArn} query={query} onStart={() => onStart(stateMachineArn)} />
            ),
        },
        {
          id: 'monitoring',
          label: t('monitoring'),
          content: listed(
            <Suspense fallback={<Loading />}>
              <Monitoring stateMachineArn={stateMachineArn} definition={definition} />
            </Suspense>,
          ),
        },
        { id: 'definition', label: t('definition'), content: <Definition text={definition} /> },
        { id: 'versions', label: t('versions'), content: <Versions arn={stateMachineArn} onStart={onStart} /> },
        { id: 'aliases', label: t('aliases'), content: <Aliases arn={stateMachineArn} onStart={onStart} /> },
        { id: 'settings', label: t('settings'), content: <Settings machine={machine} /> },
        { id: 'tags', label: t('tags'), content: <Tags arn={stateMachineArn} /> },
      ]}
    />
  )
}

function Definition({ text }: { readonly text: string }) {
  const { t } = useMessages()
  const [coverage, setCoverage] = useState<{ readonly name: string; readonly text: string }>()
  const open = async (input: HTMLInputElement) => {
    const [file] = input.files ?? []
    if (!file) return
    setCoverage({ name: file.name, text: await file.text() })
    // The same file may be opened again once the tests have run again.
    input.value = ''
  }
  return (
    <div className="workbench">
      <div className="panel">
        <div className="toolbar">
          <label className="file">
            {t('openCoverage')}
            <input type="file" accept=".json" onChange={({ target }) => void open(target)} />
          </label>
          {coverage && (
            <button type="button" onClick={() => setCoverage(undefined)}>
              {t('closeCoverage')}
            </button>
          )}
        </div>
        <Suspense fallback={<Loading />}>
          {coverage ? <CoverageGraph text={text} file={coverage} /> : <DefinitionGraph text={text} />}
        </Suspense>
      </div>
      <JsonView label={t('definition')} text={text} />
    </div>
  )
}

interface DeleteDialogProps {
  readonly name: string
  readonly stateMachineArn: string
  readonly onClose: () => void
}

function DeleteDialog({ name, stateMachineArn, onClose }: DeleteDialogProps) {
  const { t } = useMessages()
  const remove = useMutation({
    mutationFn: () => states('DeleteStateMachine', { stateMachineArn }),
    onSuccess: useLeave(['machines'], pathTo('machines')),
  })
  return (
    <Modal
      visible
      header={t('removeMachine')}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={onClose}>{t('cancel')}</Button>
            <Button variant="primary" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t('remove')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <Problem error={remove.error} />
      {t('removeMachineText', { name: name.slice(0, 100) })}
    </Modal>
  )
}
