export interface StatusPosition {
  readonly uri: string
  readonly idx: number
}

/** Hands out status list positions: random in their list, never the same one twice, also after a crash. */
export interface StatusPositions {
  reserve(): Promise<StatusPosition>
}
