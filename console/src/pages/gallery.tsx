/** Examples that come up with one click. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery } from '@tanstack/react-query'

import { callRest } from '../api/client.ts'
import { Problem } from '../parts/error.tsx'
import { go, pathTo } from '../router.tsx'
import { useWords } from '../words/words.tsx'

interface Template {
  readonly name: string
  readonly description: string
  readonly definition: string
  readonly input: string
}

const PATH = '/_regente/console/templates'

export function Gallery({ first }: { readonly first?: number }) {
  const { t } = useWords()
  const { data, error } = useQuery({
    queryKey: ['templates'],
    queryFn: async ({ signal }) =>
      ((await callRest('GET', PATH, undefined, signal)) as { templates: readonly Template[] }).templates,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const deploy = useMutation({
    mutationFn: async (name: string) =>
      (await callRest('POST', `${PATH}/${name}`, {})) as { stateMachineArn: string; input: string },
    onSuccess: ({ stateMachineArn, input }) => go(pathTo('machine', stateMachineArn, { input })),
  })
  return (
    <>
      <Problem error={error ?? deploy.error} />
      <div className="cards">
        {(data ?? []).slice(0, first).map(({ name, description }) => (
          <article className="card" key={name}>
            <h3>{titleOf(name)}</h3>
            <p>{description}</p>
            <div>
              <Button
                loading={deploy.isPending && deploy.variables === name}
                disabled={deploy.isPending}
                ariaLabel={`${t('useTemplate')}: ${titleOf(name)}`}
                onClick={() => deploy.mutate(name)}
              >
                {t('useTemplate')}
              </Button>
            </div>
          </article>
        ))}
      </div>
    </>
  )
}

const titleOf = (name: string) => name.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase())
