/** Starts an execution: the input checked as it is typed, and those that were used before at hand. */
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Textarea from '@cloudscape-design/components/textarea'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { states } from '../api/client.ts'
import { Problem } from '../parts/error.tsx'
import { go, pathTo } from '../router.tsx'
import { useWords } from '../words/words.tsx'

interface StartDialogProps {
  readonly stateMachineArn: string
  readonly firstInput?: string | undefined
  readonly onClose: () => void
}

const RECENT_MAX = 10
const keyOf = (arn: string) => `regente.inputs.${arn}`
const recentInputs = (arn: string): readonly string[] => JSON.parse(localStorage.getItem(keyOf(arn)) ?? '[]') as string[]

export function StartDialog({ stateMachineArn, firstInput, onClose }: StartDialogProps) {
  const { t } = useWords()
  const recent = recentInputs(stateMachineArn)
  const [input, setInput] = useState(firstInput ?? recent[0] ?? '{}')
  const [name, setName] = useState('')
  const fault = faultOf(input)
  const start = useMutation({
    mutationFn: () => states('StartExecution', { stateMachineArn, input, ...(name !== '' && { name }) }),
    onSuccess: ({ executionArn = '' }) => {
      const kept = [input, ...recent.filter((one) => one !== input)].slice(0, RECENT_MAX)
      localStorage.setItem(keyOf(stateMachineArn), JSON.stringify(kept))
      onClose()
      go(pathTo('execution', executionArn))
    },
  })
  return (
    <Modal
      visible
      header={t('start')}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button variant="primary" disabled={fault !== undefined} loading={start.isPending} onClick={() => start.mutate()}>
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
        {recent.length > 0 && (
          <FormField label={t('recentInputs')}>
            <Select
              selectedOption={null}
              placeholder={t('recentInputs')}
              options={recent.map((value) => ({ value, label: value.slice(0, 80) }))}
              onChange={({ detail }) => setInput(detail.selectedOption.value ?? '{}')}
            />
          </FormField>
        )}
        <FormField label={t('input')} errorText={fault && t('inputInvalid', { reason: fault })}>
          <Textarea rows={10} value={input} spellcheck={false} onChange={({ detail }) => setInput(detail.value)} />
        </FormField>
        <Button disabled={fault !== undefined} onClick={() => setInput(JSON.stringify(JSON.parse(input), null, 2))}>
          {t('format')}
        </Button>
      </SpaceBetween>
    </Modal>
  )
}

function faultOf(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
