/** Makes something that needs no more than a name. */
import Button from '@cloudscape-design/components/button'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { Problem } from '../../ui/error.tsx'
import { useMessages } from '../../messages/messages.tsx'

interface NewNamedProps {
  readonly label: string
  readonly hint?: string
  readonly onCreate: (name: string) => Promise<unknown>
}

export function NewNamed({ label, hint, onCreate }: NewNamedProps) {
  const { t } = useMessages()
  const [name, setName] = useState('')
  const create = useMutation({ mutationFn: () => onCreate(name.trim()), onSuccess: () => setName('') })
  return (
    <>
      <form
        className="form short"
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== '' && !create.isPending) create.mutate()
        }}
      >
        <label>
          {label}
          {hint !== undefined && <small>{hint}</small>}
          <input value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />
        </label>
        <Button formAction="submit" loading={create.isPending} disabled={name.trim() === ''}>
          {t('create')}
        </Button>
      </form>
      <Problem error={create.error} />
    </>
  )
}
