import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { encodePem } from '../../src/node/pki/pem.ts'
import type { Bytes, Chain, ChainSpec } from './chain.ts'

const run = promisify(execFile)
/** Two build cores; a third process works while another waits for the disk. */
const AT_ONCE = 3

export interface Question {
  readonly spec: ChainSpec
  readonly chain: Chain
}

/**
 * What `openssl verify` says to each question: `OK`, or its errors. Starting it costs much more than a
 * path: seals under the same authorities, lists and options go to one process.
 */
export async function opensslVerdicts(questions: readonly Question[]): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'certex-differential-'))
  try {
    const files = new Files(dir)
    const seals = new Map<string, string[]>()
    const asked = questions.map((question) => {
      const options = optionsOf(question, files)
      const seal = files.pem('CERTIFICATE', [question.chain.seal])
      const others = seals.get(options) ?? []
      seals.set(options, others)
      if (!others.includes(seal)) others.push(seal)
      return { options, seal }
    })
    const answers = await askAll(dir, seals)
    return asked.map(({ options, seal }) => answers.get(`${options} ${seal}`) ?? 'no answer')
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function optionsOf({ spec, chain }: Question, files: Files): string {
  const { policy, at, crls } = spec
  return [
    '-x509_strict -partial_chain -no-CApath -no-CAstore -auth_level 2',
    `-attime ${at.getTime() / 1000} -policy_check`,
    ...policy.initialPolicySet.map((oid) => `-policy ${oid}`),
    policy.explicit ? '-explicit_policy' : '',
    policy.inhibitMapping ? '-inhibit_map' : '',
    policy.inhibitAny ? '-inhibit_any' : '',
    `-CAfile ${files.pem('CERTIFICATE', [chain.root])}`,
    chain.authorities.length > 0 ? `-untrusted ${files.pem('CERTIFICATE', chain.authorities)}` : '',
    crls.length > 0 ? `-crl_check_all -CRLfile ${files.pem('X509 CRL', chain.crls)}` : '',
  ].join(' ')
}

/** Writes each content once. */
class Files {
  readonly #dir: string
  readonly #written = new Set<string>()

  constructor(dir: string) {
    this.#dir = dir
  }

  pem(label: string, ders: readonly Bytes[]): string {
    const text = ders.map((der) => encodePem(label, der)).join('')
    const name = createHash('sha256').update(text).digest('hex').slice(0, 24)
    if (!this.#written.has(name)) writeFileSync(join(this.#dir, name), text)
    this.#written.add(name)
    return name
  }
}

/** Seals that one command line holds. */
const MOST_SEALS = 1000

async function askAll(
  dir: string,
  seals: ReadonlyMap<string, readonly string[]>,
): Promise<Map<string, string>> {
  const commands: { options: string; seals: readonly string[] }[] = []
  for (const [options, all] of seals)
    for (let from = 0; from < all.length; from += MOST_SEALS)
      commands.push({ options, seals: all.slice(from, from + MOST_SEALS) })
  // One shell starts many processes with less ado than Node does.
  const scripts = Array.from({ length: AT_ONCE }, (_, i) =>
    commands
      .map(({ options, seals: some }, n) =>
        n % AT_ONCE === i ? `openssl verify ${options} ${some.join(' ')} >answer-${n} 2>&1` : '',
      )
      .join('\n'),
  )
  await Promise.all(
    scripts.map(async (script, i) => {
      writeFileSync(join(dir, `script-${i}`), `${script}\ntrue\n`)
      await run('sh', [`script-${i}`], { cwd: dir })
    }),
  )
  const answers = new Map<string, string>()
  for (const [n, { options, seals: some }] of commands.entries())
    for (const [seal, verdict] of verdictsIn(
      readFileSync(join(dir, `answer-${n}`), 'latin1'),
      some,
    ))
      answers.set(`${options} ${seal}`, verdict)
  return answers
}

/** Errors come on one stream, `OK` on the other: each line that names a seal says whose it is. */
function verdictsIn(output: string, seals: readonly string[]): Map<string, string> {
  const verdicts = new Map<string, string>()
  const good = new Set([...output.matchAll(/^([0-9a-f]{24}): OK$/gm)].map((match) => match[1]!))
  let errors: string[] = []
  for (const line of output.split('\n')) {
    const error = /^error (\d+) at -?\d+ depth lookup: (.*)$/.exec(line)
    if (error) errors.push(error[2]!)
    const failed = /^error ([0-9a-f]{24}): verification failed$/.exec(line)
    if (failed) verdicts.set(failed[1]!, [...new Set(errors)].join(', '))
    if (failed || line.endsWith(': OK')) errors = []
  }
  for (const seal of seals)
    verdicts.set(seal, good.has(seal) ? 'OK' : (verdicts.get(seal) ?? 'not readable'))
  return verdicts
}
