/**
 * Starts an execution: the input checked as it is typed, those that were used before at hand, and what earlier executions had
 * told. An Express workflow runs to its end here, with a link to its states.
 */
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'

import type { Json } from '../../../src/base/json.ts'
import { states } from '../api/client.ts'
import { queryMachine } from '../api/machine.ts'
import { exampleOf, guessShape, missingMembers, namesOf } from '../model/input-schema.ts'
import { indented } from '../model/json-text.ts'
import { Problem } from '../ui/error.tsx'
import { JsonView } from '../ui/json-view.tsx'
import { Loading } from '../ui/loading.tsx'
import { go, Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'

const JsonEditor = lazy(() => import('../editor/json-editor.tsx'))

interface StartDialogProps {
  readonly stateMachineArn: string
  /** Of the version or alias that is started in its place. */
  readonly qualifiedArn?: string | undefined
  readonly firstInput?: string | undefined
  readonly onClose: () => void
}

const RECENT_MAX = 10
const keyOf = (arn: string) => `regente.inputs.${arn}`
const recentInputs = (arn: string): readonly string[] => JSON.parse(localStorage.getItem(keyOf(arn)) ?? '[]') as string[]

function remember(arn: string, input: string): void {
  const kept = [input, ...recentInputs(arn).filter((one) => one !== input)].slice(0, RECENT_MAX)
  try {
    localStorage.setItem(keyOf(arn), JSON.stringify(kept))
  } catch {
    localStorage.removeItem(keyOf(arn))
  }
}

export function StartDialog({ stateMachineArn, qualifiedArn = stateMachineArn, firstInput, onClose }: StartDialogProps) {
  const { t } = useMessages()
  const recent = recentInputs(stateMachineArn)
  const [input, setInput] = useState(() => indented(firstInput ?? recent[0] ?? '{}'))
  const [name, setName] = useState('')
  const { data: machine } = useQuery(queryMachine(stateMachineArn))
  const isExpress = machine?.type === 'EXPRESS'
  const shape = useShape(stateMachineArn, machine !== undefined && !isExpress)
  const parsed = useMemo(() => parse(input), [input])
  const missing = shape && parsed.value !== undefined ? missingMembers(shape, parsed.value) : []
  const start = useMutation({
    mutationFn: async () => {
      const given = { stateMachineArn: qualifiedArn, input, ...(name !== '' && { name }) }
      if (isExpress) return { ended: await states('StartSyncExecution', given) }
      return { executionArn: (await states('StartExecution', given)).executionArn ?? '' }
    },
    onSuccess: ({ executionArn }) => {
      remember(stateMachineArn, input)
      if (executionArn === undefined) return
      onClose()
      go(pathTo('execution', executionArn))
    },
  })
  const ended = start.data?.ended
  return (
    <Modal
      visible
      size="large"
      header={t('start')}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={onClose}>{t(ended ? 'close' : 'cancel')}</Button>
          <Button
            variant="primary"
            disabled={parsed.fault !== undefined || !machine}
            loading={start.isPending}
            onClick={() => start.mutate()}
          >
            {t('start')}
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="m">
        <Problem error={start.error} />
        <FormField label={t('nameOptional')}>
          <Input value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
        <FormField
          label={t('input')}
          errorText={parsed.fault && t('inputInvalid', { reason: parsed.fault })}
          warningText={missing.length > 0 && t('inputUsual', { names: missing.slice(0, 8).join(', ') })}
          stretch
        >
          <Suspense fallback={<Loading />}>
            <JsonEditor text={input} label={t('input')} names={shape ? namesOf(shape) : []} onChange={setInput} />
          </Suspense>
        </FormField>
        <div className="toolbar">
          <button type="button" disabled={parsed.fault !== undefined} onClick={() => setInput(indented(input))}>
            {t('format')}
          </button>
          {shape && (
            <button type="button" onClick={() => setInput(JSON.stringify(exampleOf(shape), null, 2))}>
              {t('fillExample')}
            </button>
          )}
          {recent.length > 0 && (
            <select aria-label={t('recentInputs')} value="" onChange={(event) => setInput(indented(event.target.value))}>
              <option value="">{t('recentInputs')}</option>
              {recent.map((one) => (
                <option key={one} value={one}>
                  {one.replaceAll(/\s+/g, ' ').slice(0, 60)}
                </option>
              ))}
            </select>
          )}
          <label className="file">
            {t('upload')}
            <input
              type="file"
              accept=".json"
              onChange={(event) => void event.target.files?.[0]?.text().then((text) => setInput(indented(text)))}
            />
          </label>
        </div>
        {ended && (
          <section aria-label={t('result')}>
            <p role="status">
              {ended.status} {ended.error} {ended.cause?.slice(0, 2_000)}
            </p>
            <JsonView label={t('output')} text={ended.output} />
            <Link to={pathTo('execution', ended.executionArn)}>{t('lookAtStates')}</Link>
          </section>
        )}
      </SpaceBetween>
    </Modal>
  )
}

const LOOKED_AT = 20

/** Undefined before it is known, and where there was no execution. */
function useShape(stateMachineArn: string, enabled: boolean) {
  const { data } = useQuery({
    queryKey: ['shape', stateMachineArn],
    queryFn: async ({ signal }) => {
      const { executions = [] } = await states('ListExecutions', { stateMachineArn, maxResults: LOOKED_AT }, signal)
      const descriptions = await Promise.all(
        executions.map(({ executionArn }) => states('DescribeExecution', { executionArn }, signal)),
      )
      const inputs = descriptions.map(({ input = '' }) => parse(input).value).filter((value) => value !== undefined)
      return { shape: inputs.length === 0 ? undefined : guessShape(inputs) }
    },
    enabled,
  })
  return data?.shape
}

interface Parsed {
  readonly value?: Json
  readonly fault?: string
}

function parse(text: string): Parsed {
  try {
    return { value: JSON.parse(text) as Json }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) }
  }
}
