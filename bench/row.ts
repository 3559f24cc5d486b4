/** One measured rate beside the reference measured in the same run; only the ratio carries over. */
export interface Row {
  readonly what: string
  readonly perSecond: number
  readonly reference: string
  readonly referencePerSecond: number
}
