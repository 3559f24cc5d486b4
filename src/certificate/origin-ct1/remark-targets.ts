import { type CertificateId, certificateKey, sameCertificate } from '../certificate-id.ts'
import { readNumber } from '../number-format.ts'
import { isWithin } from '../party-id.ts'
import { type Breach, type CheckResult, type Facts, NOT_EVALUATED } from '../rule.ts'
import { en, ru } from '../wording.ts'
import { foreignId, type RegisteredCt1, registered, siblingId } from './reading.ts'
import type { OriginCt1, Remark } from './schema.ts'

type Registry = Required<Pick<Facts, 'registry'>>

/**
 * Looks up the certificates that the remarks name (ORI-REMARK-TARGET, rules.md §10). Duplicates and
 * replaced certificates stand in the registry of the state that issued them; elsewhere their absence may
 * prove nothing.
 */
export function remarkTargets(certificate: OriginCt1, facts: Facts): CheckResult {
  const breaches: Breach[] = []
  let unknown = false
  for (const [i, remark] of certificate.remarks.entries()) {
    const id = targetOf(certificate, remark, facts)
    if (id === undefined) continue
    if (!facts.registry) return NOT_EVALUATED
    const target = id === 'unreadable' ? undefined : registered({ registry: facts.registry }, id)
    if (target) {
      breaches.push(...judged(certificate, remark, i, target, facts))
      if (remark.kind === 'ISSUED_IN_REPLACEMENT')
        breaches.push(...circle(certificate, target, i, { registry: facts.registry }))
    } else if (mayBeElsewhere(certificate, remark, id, facts)) unknown = true
    else breaches.push(absent(remark, i))
  }
  return unknown && breaches.length === 0 ? NOT_EVALUATED : breaches
}

/** The identity a remark names; undefined where it names none that this rule looks up. */
export function targetOf(
  certificate: OriginCt1,
  remark: Remark,
  { policy }: Pick<Facts, 'policy'>,
): CertificateId | 'unreadable' | undefined {
  const { kind, refNumber } = remark
  if (refNumber === undefined) return undefined
  if (kind === 'DUPLICATE' || kind === 'ISSUED_IN_REPLACEMENT') {
    const id = siblingId(certificate, refNumber)
    // A number equal to the certificate's own is for ORI-REMARK-SELF.
    const own = siblingId(certificate, certificate.number)
    return id && own && sameCertificate(id, own) ? undefined : (id ?? 'unreadable')
  }
  if (kind === 'ISSUED_ON_BASIS_OF') return foreignId(policy, refNumber) ?? 'unreadable'
  return undefined
}

/**
 * Whether a certificate that is absent here may well exist: the source of a re-export need not have been
 * addressed here, nor one whose number says so, and on arrival it may still be under way.
 */
function mayBeElsewhere(
  { issuedIn, forPresentationIn }: OriginCt1,
  { kind, refNumber = '' }: Remark,
  id: CertificateId | 'unreadable',
  { stage, policy }: Facts,
): boolean {
  if (kind === 'ISSUED_ON_BASIS_OF') return true
  if (id === 'unreadable' || stage === 'issue') return false
  if (stage === 'receive') return true
  return policy.numberFormats.some((format) => {
    if (format.type !== 'origin.ct1' || !isWithin(format.issuer, issuedIn)) return false
    const destination = readNumber(format, refNumber)?.destination
    return destination !== undefined && destination !== forPresentationIn
  })
}

function absent({ refNumber = '' }: Remark, i: number): Breach {
  return {
    path: `/remarks/${i}/refNumber`,
    values: { number: refNumber },
    ru: `Сертификата ${refNumber}, названного в графе 5, в реестре нет.`,
    en: `Certificate ${refNumber}, named in box 5, is not in the registry.`,
  }
}

function judged(
  certificate: OriginCt1,
  { kind, refNumber = '', refDate }: Remark,
  i: number,
  target: RegisteredCt1,
  { stage }: Facts,
): Breach[] {
  const path = `/remarks/${i}`
  const breaches: Breach[] = []
  const { date } = target.certificate.certification
  if (refDate !== undefined && refDate !== date)
    breaches.push({
      path: `${path}/refDate`,
      values: { number: refNumber, refDate, date },
      ru: `Сертификат ${refNumber} выдан ${ru.day(date)}, а в графе 5 указано ${ru.day(refDate)}.`,
      en: `Certificate ${refNumber} was issued on ${en.day(date)}, but box 5 says ${en.day(refDate)}.`,
    })
  if (kind === 'ISSUED_ON_BASIS_OF' && target.annulled)
    breaches.push({
      path,
      values: { number: refNumber },
      ru: `Сертификат-основание ${refNumber} аннулирован.`,
      en: `The source certificate ${refNumber} is annulled.`,
    })
  if (kind !== 'ISSUED_IN_REPLACEMENT') return breaches
  const own = siblingId(certificate, certificate.number)
  const successor = target.replacedBy
  const pointsHere = successor && own && sameCertificate(successor, own)
  if (!target.annulled && stage === 'customs')
    breaches.push({
      path,
      values: { number: refNumber },
      ru: `Заменённый сертификат ${refNumber} не аннулирован.`,
      en: `The replaced certificate ${refNumber} is not annulled.`,
    })
  else if (target.annulled && !pointsHere)
    breaches.push({
      path,
      values: { number: refNumber, ...(successor && { replacedBy: successor.number }) },
      ru: `Сертификат ${refNumber} аннулирован, но его замена другая: ${successor?.number ?? 'не указана'}.`,
      en: `Certificate ${refNumber} is annulled, but replaced by another: ${successor?.number ?? 'none named'}.`,
    })
  return breaches
}

/** Follows the replaced certificates back; the walk ends, because no certificate is visited twice. */
function circle(
  certificate: OriginCt1,
  target: RegisteredCt1,
  i: number,
  facts: Registry,
): Breach[] {
  const own = siblingId(certificate, certificate.number)
  const start = own && certificateKey(own)
  const visited = new Set<string>()
  let at: OriginCt1 | undefined = target.certificate
  while (at) {
    const remark: Remark | undefined = at.remarks.find(
      ({ kind, refNumber }) => kind === 'ISSUED_IN_REPLACEMENT' && refNumber !== undefined,
    )
    const id: CertificateId | undefined = remark?.refNumber
      ? siblingId(at, remark.refNumber)
      : undefined
    if (!id) return []
    const key = certificateKey(id)
    if (key === start)
      return [
        {
          path: `/remarks/${i}`,
          values: { number: at.number },
          ru: `Замены образуют круг: сертификат ${at.number} сам выдан взамен этого.`,
          en: `The replacements form a circle: certificate ${at.number} itself replaces this one.`,
        },
      ]
    if (visited.has(key)) return []
    visited.add(key)
    at = registered(facts, id)?.certificate
  }
  return []
}
