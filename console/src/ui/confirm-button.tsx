/** A button that asks before it does what cannot be undone. */
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { Problem } from './error.tsx'

interface ConfirmButtonProps {
  readonly label: string
  /** Read out instead of the label where many buttons have the same. */
  readonly fullLabel?: string
  readonly question: string
  readonly onYes: () => Promise<unknown>
  readonly isInline?: boolean
}

export function ConfirmButton({ label, fullLabel, question, onYes, isInline }: ConfirmButtonProps) {
  const { t } = useMessages()
  const [isOpen, setOpen] = useState(false)
  const act = useMutation({ mutationFn: onYes, onSuccess: () => setOpen(false) })
  const close = () => {
    act.reset()
    setOpen(false)
  }
  return (
    <>
      <Button variant={isInline ? 'inline-link' : 'normal'} ariaLabel={fullLabel ?? label} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && (
        <Modal
          visible
          header={label}
          closeAriaLabel={t('close')}
          onDismiss={close}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={close}>{t('cancel')}</Button>
                <Button variant="primary" loading={act.isPending} onClick={() => act.mutate()}>
                  {label}
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <p className="anywhere">{question}</p>
          <Problem error={act.error} />
        </Modal>
      )}
    </>
  )
}
