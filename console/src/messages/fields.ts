/** What each field of the language is for, in the words of this house. */
import type { Language } from './messages.tsx'

type Text = Readonly<Record<Language, string>>
const text = (en: string, pt: string): Text => ({ en, 'pt-BR': pt })

export const FIELD_TEXTS: Readonly<Record<string, Text>> = {
  And: text('True when every rule in the list is.', 'Verdadeiro quando todas as regras da lista o são.'),
  Arguments: text('What the task is asked with; JSONata between {% and %}.', 'O que é enviado à tarefa; JSONata entre {% e %}.'),
  Assign: text(
    'Variables to set when the state ends, for all states after it.',
    'Variáveis definidas ao fim do estado, para todos os estados seguintes.',
  ),
  BackoffRate: text('By how much the wait grows after each retry.', 'Quanto a espera cresce a cada nova tentativa.'),
  BatchInput: text('Data that is added to every batch.', 'Dados acrescentados a cada lote.'),
  Branches: text(
    'Workflows that run side by side; the result is a list of their outputs.',
    'Fluxos executados lado a lado; o resultado é a lista de suas saídas.',
  ),
  CSVDelimiter: text('What stands between the fields of a CSV line.', 'O que separa os campos de uma linha CSV.'),
  CSVHeaderLocation: text(
    'Whether names of the columns come from the first row or from CSVHeaders.',
    'Se os nomes das colunas vêm da primeira linha ou de CSVHeaders.',
  ),
  CSVHeaders: text('Names of the columns, in order.', 'Nomes das colunas, em ordem.'),
  Catch: text(
    'Where to go when an error is not mended by a retry; the first catcher that names the error takes it.',
    'Para onde ir quando novas tentativas não resolvem o erro; o primeiro item que o nomeia o captura.',
  ),
  Cause: text('What went wrong, for people to read.', 'O que deu errado, para pessoas lerem.'),
  CausePath: text('Where in the input the cause stands.', 'Onde está a causa na entrada.'),
  Choices: text(
    'Rules, tried in order; the first that is true says where to go.',
    'Regras, testadas em ordem; a primeira verdadeira diz para onde ir.',
  ),
  Comment: text('For people; nothing happens with it.', 'Para pessoas; nada acontece com ele.'),
  Condition: text('A JSONata expression that gives true or false.', 'Uma expressão JSONata que resulta em verdadeiro ou falso.'),
  Credentials: text('The role under which the task is called.', 'O papel com que a tarefa é chamada.'),
  Default: text(
    'Where to go when no rule is true; without it, that is an error.',
    'Para onde ir quando nenhuma regra é verdadeira; sem ele, isso é um erro.',
  ),
  End: text('The workflow, branch or iteration ends here.', 'O fluxo, ramo ou iteração termina aqui.'),
  Error: text('The name of the error, which Retry and Catch look for.', 'O nome do erro, procurado por Retry e Catch.'),
  ErrorEquals: text(
    'Names of errors; States.ALL stands for nearly every one.',
    'Nomes de erros; States.ALL vale por quase todos.',
  ),
  ErrorPath: text('Where in the input the name of the error stands.', 'Onde está o nome do erro na entrada.'),
  ExecutionType: text(
    'Whether each child runs as a Standard or an Express workflow.',
    'Se cada execução filha é Standard ou Express.',
  ),
  HeartbeatSeconds: text(
    'How long a worker may stay silent before the task fails.',
    'Quanto tempo um worker pode ficar em silêncio antes que a tarefa falhe.',
  ),
  HeartbeatSecondsPath: text('Where in the input the heartbeat stands.', 'Onde está o heartbeat na entrada.'),
  InputPath: text(
    'Which part of the input the state works with; null gives it an empty object.',
    'Com que parte da entrada o estado trabalha; null lhe dá um objeto vazio.',
  ),
  InputType: text('What the file is that the items come from.', 'De que tipo é o arquivo de onde vêm os itens.'),
  IntervalSeconds: text('How long to wait before the first retry.', 'Quanto esperar antes da primeira nova tentativa.'),
  ItemBatcher: text('Puts several items into one child execution.', 'Junta vários itens em uma execução filha.'),
  ItemProcessor: text('The workflow that runs for each item.', 'O fluxo executado para cada item.'),
  ItemReader: text(
    'Where the items are read from: objects of a bucket, or lines of a file.',
    'De onde os itens são lidos: objetos de um bucket ou linhas de um arquivo.',
  ),
  ItemSelector: text('What each iteration gets instead of the bare item.', 'O que cada iteração recebe em vez do item puro.'),
  Items: text('The list (or object) to go through.', 'A lista (ou objeto) a percorrer.'),
  ItemsPath: text('Where in the input the list stands.', 'Onde está a lista na entrada.'),
  ItemsPointer: text('Where in the JSON file the list stands.', 'Onde está a lista no arquivo JSON.'),
  Iterator: text('The old name of ItemProcessor.', 'O nome antigo de ItemProcessor.'),
  JitterStrategy: text(
    'FULL chooses each wait at random, up to what it would be.',
    'FULL sorteia cada espera, até o valor que ela teria.',
  ),
  Label: text('Names the Map Run in its ARN.', 'Dá nome ao Map Run em seu ARN.'),
  ManifestType: text('What kind of manifest the file is.', 'Que tipo de manifesto é o arquivo.'),
  MaxAttempts: text('How many retries at most; 0 for none.', 'Quantas novas tentativas no máximo; 0 para nenhuma.'),
  MaxConcurrency: text(
    'How many iterations run at once; 0 leaves it to the service.',
    'Quantas iterações ao mesmo tempo; 0 deixa o serviço decidir.',
  ),
  MaxConcurrencyPath: text('Where in the input the concurrency stands.', 'Onde está a simultaneidade na entrada.'),
  MaxDelaySeconds: text('The longest wait between retries.', 'A maior espera entre tentativas.'),
  MaxInputBytesPerBatch: text('How large a batch may be, in bytes.', 'Tamanho máximo de um lote, em bytes.'),
  MaxInputBytesPerBatchPath: text('Where in the input that size stands.', 'Onde está esse tamanho na entrada.'),
  MaxItems: text('How many items are read at most.', 'Quantos itens são lidos no máximo.'),
  MaxItemsPath: text('Where in the input that number stands.', 'Onde está esse número na entrada.'),
  MaxItemsPerBatch: text('How many items a batch holds at most.', 'Quantos itens cabem em um lote.'),
  MaxItemsPerBatchPath: text('Where in the input that number stands.', 'Onde está esse número na entrada.'),
  Mode: text(
    'INLINE runs within this execution, DISTRIBUTED in children of their own.',
    'INLINE roda nesta execução, DISTRIBUTED em execuções filhas.',
  ),
  Next: text('The state that follows.', 'O estado que vem depois.'),
  Not: text('True when its rule is not.', 'Verdadeiro quando sua regra não é.'),
  Or: text('True when any rule in the list is.', 'Verdadeiro quando alguma regra da lista é.'),
  Output: text('What the state gives out, instead of its result.', 'O que o estado devolve, em vez de seu resultado.'),
  OutputPath: text('Which part is given on to the next state.', 'Que parte segue para o próximo estado.'),
  OutputType: text('How the results are written.', 'Como os resultados são escritos.'),
  Parameters: text(
    'What the state works with; keys that end in .$ hold paths.',
    'Com o que o estado trabalha; chaves que terminam em .$ contêm caminhos.',
  ),
  ProcessorConfig: text('How iterations are run.', 'Como as iterações são executadas.'),
  QueryLanguage: text(
    'JSONata or JSONPath. A machine of JSONPath may have states of JSONata.',
    'JSONata ou JSONPath. Uma máquina JSONPath pode ter estados JSONata.',
  ),
  ReaderConfig: text('How the file is read.', 'Como o arquivo é lido.'),
  Resource: text(
    'What does the work: a service call, a function or an activity.',
    'Quem faz o trabalho: uma chamada de serviço, uma função ou uma atividade.',
  ),
  Result: text('What the state gives, fixed.', 'O que o estado devolve, fixo.'),
  ResultPath: text(
    'Where in the input the result is put; null throws it away.',
    'Onde o resultado é posto na entrada; null o descarta.',
  ),
  ResultSelector: text('Which parts of the result are kept.', 'Que partes do resultado são mantidas.'),
  ResultWriter: text(
    'Where the results of all children are written.',
    'Onde são escritos os resultados de todas as execuções filhas.',
  ),
  Retry: text(
    'When and how often to try again; the first retrier that names the error takes it.',
    'Quando e quantas vezes tentar de novo; o primeiro item que nomeia o erro vale.',
  ),
  Seconds: text('How long to wait.', 'Quanto esperar.'),
  SecondsPath: text('Where in the input the seconds stand.', 'Onde estão os segundos na entrada.'),
  StartAt: text('The first state.', 'O primeiro estado.'),
  States: text('All states, by name.', 'Todos os estados, por nome.'),
  TimeoutSeconds: text(
    'How long it may take in all; then it fails with States.Timeout.',
    'Quanto pode durar ao todo; depois falha com States.Timeout.',
  ),
  TimeoutSecondsPath: text('Where in the input the timeout stands.', 'Onde está o tempo limite na entrada.'),
  Timestamp: text('Until when to wait: 2026-11-23T08:00:00Z.', 'Até quando esperar: 2026-11-23T08:00:00Z.'),
  TimestampPath: text('Where in the input the time stands.', 'Onde está o horário na entrada.'),
  ToleratedFailureCount: text(
    'How many items may fail before the whole Map does.',
    'Quantos itens podem falhar antes que o Map todo falhe.',
  ),
  ToleratedFailureCountPath: text('Where in the input that number stands.', 'Onde está esse número na entrada.'),
  ToleratedFailurePercentage: text(
    'What share of the items may fail before the whole Map does.',
    'Que porcentagem dos itens pode falhar antes que o Map todo falhe.',
  ),
  ToleratedFailurePercentagePath: text('Where in the input that share stands.', 'Onde está essa porcentagem na entrada.'),
  Transformation: text(
    'What is done with items as they are read, or with results as they are written.',
    'O que se faz com os itens ao ler ou com os resultados ao escrever.',
  ),
  Type: text('What kind of state it is.', 'Que tipo de estado é.'),
  Variable: text('A path to the value that the rule looks at.', 'O caminho do valor que a regra examina.'),
  Version: text('The version of the language: 1.0.', 'A versão da linguagem: 1.0.'),
  WriterConfig: text('How the results are written.', 'Como os resultados são escritos.'),
}
