/** A target by its ARN: one of the state machines here, or any other that is typed. */
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'

import { states } from '../../api/client.ts'
import { useMessages } from '../../messages/messages.tsx'

interface MachineChoiceProps {
  readonly value: string
  readonly onChange: (arn: string) => void
}

export function MachineChoice({ value, onChange }: MachineChoiceProps) {
  const { t } = useMessages()
  const list = useId()
  const { data } = useQuery({
    queryKey: ['machines', 'choice'],
    queryFn: ({ signal }) => states('ListStateMachines', { maxResults: 1_000 }, signal),
  })
  return (
    <label className="wide">
      {t('targetArn')}{' '}
      <input
        list={list}
        value={value}
        placeholder="arn:aws:states:us-east-1:000000000000:stateMachine:…"
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {data?.stateMachines?.map(({ stateMachineArn, name }) => (
          <option key={stateMachineArn} value={stateMachineArn}>
            {name}
          </option>
        ))}
      </datalist>
    </label>
  )
}
